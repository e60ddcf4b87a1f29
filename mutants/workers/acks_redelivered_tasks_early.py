"""A worker that acknowledges a redelivered task before the work.

Breaks W03, W07, W20, W21.
May break S02, by chance.
"""

import sys

from reference import worker

from ._acks_early import AcksEarly


class Mutant(AcksEarly):
    def acks_early(self, delivery, body):
        return delivery.redelivered


worker.Worker = Mutant

sys.exit(worker.main())
