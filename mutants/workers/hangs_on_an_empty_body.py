"""A worker that leaves a message with an empty body unsettled, and waits.

Breaks W23.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        if body:
            super().handle(channel, delivery, properties, body)


worker.Worker = Mutant

sys.exit(worker.main())
