"""A worker that waits for one of its four tasks when it is at work on four, and sends no heartbeats meanwhile.

Runs with prefetch 8, concurrency 4.

Breaks W12.
"""

import sys
from concurrent.futures import FIRST_COMPLETED, wait

from mutants import _several_at_once as several


class Mutant(several.Worker):
    def begin(self, *delivery):
        super().begin(*delivery)
        if len(self.tasks) == self.concurrency:
            wait(self.tasks, return_when=FIRST_COMPLETED)


sys.exit(several.run(Mutant))
