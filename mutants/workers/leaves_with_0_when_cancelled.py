"""A worker that exits with status 0 when the broker cancels its subscription.

Breaks W14.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def on_cancel(self, method):
        super().on_cancel(method)
        self.stopping = True


worker.Worker = Mutant

sys.exit(worker.main())
