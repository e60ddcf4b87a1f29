"""A worker that ignores it when the broker cancels its subscription, and waits for ever.

Breaks W14.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def on_cancel(self, method):
        worker.log.warning("cancelled")


worker.Worker = Mutant

sys.exit(worker.main())
