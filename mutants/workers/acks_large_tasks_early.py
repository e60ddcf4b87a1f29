"""A worker that acknowledges a task of more than 10,000 bytes before the work.

Breaks W03.
"""

import sys

from reference import worker

from ._acks_early import AcksEarly


class Mutant(AcksEarly):
    def acks_early(self, delivery, body):
        return len(body) > 10_000


worker.Worker = Mutant

sys.exit(worker.main())
