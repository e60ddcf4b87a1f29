"""A worker that sets its prefetch of eight on its first connection only.

Runs with prefetch 8, concurrency 4.

Breaks W02, W16.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    limited = False

    def limit(self, channel):
        if not self.limited:
            super().limit(channel)
        self.limited = True


sys.exit(several.run(Mutant))
