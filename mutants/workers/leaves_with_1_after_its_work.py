"""A worker that finishes its task on SIGTERM, but then exits with status 1.

Breaks W19.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    busy = False

    def handle(self, *delivery):
        super().handle(*delivery)
        self.busy = self.stopping

    def run(self):
        return super().run() or int(self.busy)


worker.Worker = Mutant

sys.exit(worker.main())
