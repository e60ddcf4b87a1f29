"""A worker that works on four tasks at once and sets no prefetch, so that it holds all that wait.

Runs with prefetch 8, concurrency 4.

Breaks W02, W16.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    def limit(self, channel):
        pass


sys.exit(several.run(Mutant))
