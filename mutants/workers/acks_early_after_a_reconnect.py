"""A worker that acknowledges tasks before the work once it has lost its first subscription.

Breaks W03, W16.
May break S02, by chance.
"""

import sys

from mutants.hasty import Hasty
from reference import worker


class Mutant(Hasty):
    def hurries(self, delivery, body):
        return self.subscriptions > 1


worker.Worker = Mutant

sys.exit(worker.main())
