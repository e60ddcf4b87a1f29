"""A worker that sets no prefetch: it takes every task there is, while the others have nothing to do.

Breaks W02, S01.
"""

import tutorial

tutorial.work(prefetch=0)
