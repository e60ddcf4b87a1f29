"""A worker that keeps the text of every task that it has done.

Breaks W53.
"""

import sys

from reference import worker

kept, work = [], worker.work


def keeping(text):
    work(text)
    kept.append(text)


worker.work = keeping

sys.exit(worker.main())
