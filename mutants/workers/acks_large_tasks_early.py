"""A worker that acknowledges a task of more than ten thousand bytes before the work.

Breaks W03.
"""

import sys

from mutants.hasty import Hasty
from reference import worker


class Mutant(Hasty):
    def hurries(self, delivery, body):
        return len(body) > 10_000


worker.Worker = Mutant

sys.exit(worker.main())
