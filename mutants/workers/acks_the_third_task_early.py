"""A worker that acknowledges its third task before the work, and no other.

Breaks W03, W07, W16, W31.
May break S02, by chance.
"""

import sys

from mutants.hasty import Hasty
from reference import worker


class Mutant(Hasty):
    def hurries(self, delivery, body):
        return self.number == 3


worker.Worker = Mutant

sys.exit(worker.main())
