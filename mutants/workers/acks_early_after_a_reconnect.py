"""A worker that acknowledges tasks before the work after it has lost its first subscription.

Breaks W03, W16.
May break S02, by chance.
"""

import sys

from reference import worker

from ._acks_early import AcksEarly


class Mutant(AcksEarly):
    def acks_early(self, delivery, body):
        return self.subscriptions > 1


worker.Worker = Mutant

sys.exit(worker.main())
