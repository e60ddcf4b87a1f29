"""A worker that acknowledges a redelivered task before the work.

Breaks W03, W07, W21.
May break S02, by chance.
"""

import sys

from mutants.hasty import Hasty
from reference import worker


class Mutant(Hasty):
    def hurries(self, delivery, body):
        return delivery.redelivered


worker.Worker = Mutant

sys.exit(worker.main())
