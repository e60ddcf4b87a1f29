"""A worker that works at once on all the four tasks that it may hold.

Runs with prefetch 4, concurrency 4.

Breaks nothing.
"""

import sys

from mutants import _several_at_once as several


class Worker(several.Worker):
    prefetch = 4


sys.exit(several.run(Worker))
