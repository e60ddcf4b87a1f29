"""A worker that holds eight tasks at first, and one task after it has connected again.

Runs with prefetch 8, concurrency 4.

Breaks W16.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    def limit(self, channel):
        super().limit(channel)
        self.prefetch = 1


sys.exit(several.run(Mutant))
