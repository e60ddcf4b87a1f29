"""A worker that gives the broker's reason when the broker refuses it, but exits with status 0.

Breaks W33.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def run(self):
        status = super().run()
        return status if self.subscribed_at else 0


worker.Worker = Mutant

sys.exit(worker.main())
