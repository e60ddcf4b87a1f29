"""A worker that acknowledges its third task before the work, and no other.

Breaks W03, W07, W16, W31.
May break S02, by chance.
"""

import sys

from reference import worker

from ._acks_early import AcksEarly


class Mutant(AcksEarly):
    def acks_early(self, delivery, body):
        return self.received == 3


worker.Worker = Mutant

sys.exit(worker.main())
