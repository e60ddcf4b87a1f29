"""A worker that acknowledges a task before the work: if it is killed in between, the task is lost.

Breaks W03, W05, W06, W07, W10, W16, W19, W20, W21, W31, S01, S02, S03.
"""

import sys

from reference import worker

from ._acks_early import AcksEarly


class Mutant(AcksEarly):
    def acks_early(self, delivery, body):
        return True


worker.Worker = Mutant

sys.exit(worker.main())
