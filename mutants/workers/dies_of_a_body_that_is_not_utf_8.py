"""A worker that exits at a body that is not UTF-8.

Breaks W23.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        body.decode()
        super().handle(channel, delivery, properties, body)


worker.Worker = Mutant

sys.exit(worker.main())
