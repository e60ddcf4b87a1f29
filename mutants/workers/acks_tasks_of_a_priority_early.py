"""A worker that acknowledges a task that has a priority before the work.

Breaks W03.
"""

import sys

from mutants.hasty import Hasty
from reference import worker


class Mutant(Hasty):
    def attend(self, channel, delivery, properties, body):
        self.urgent = bool(properties.priority)
        super().attend(channel, delivery, properties, body)

    def hurries(self, delivery, body):
        return self.urgent


worker.Worker = Mutant

sys.exit(worker.main())
