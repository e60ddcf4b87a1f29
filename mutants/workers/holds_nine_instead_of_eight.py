"""A worker that holds nine tasks, one more than its prefetch, and works on four of them.

Runs with prefetch 8, concurrency 4.

Breaks W02, W16.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    prefetch = 9


sys.exit(several.run(Mutant))
