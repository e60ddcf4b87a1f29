"""A worker that acknowledges a task that has a priority before the work.

Breaks W03.
"""

import sys

from reference import worker

from ._acks_early import AcksEarly


class Mutant(AcksEarly):
    def handle(self, channel, delivery, properties, body):
        self.urgent = bool(properties.priority)
        super().handle(channel, delivery, properties, body)

    def acks_early(self, delivery, body):
        return self.urgent


worker.Worker = Mutant

sys.exit(worker.main())
