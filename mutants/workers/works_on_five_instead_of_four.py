"""A worker that holds eight tasks and works on five of them at once, one more than its concurrency.

Runs with prefetch 8, concurrency 4.

Breaks W19, W31.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    concurrency = 5


sys.exit(several.run(Mutant))
