"""A worker that works at once on each of the eight tasks that it holds, and not on one after another.

Runs with prefetch 8, concurrency 1.

Breaks W19, W31.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    concurrency = 8


sys.exit(several.run(Mutant))
