"""A worker that exits at a body of more than 500,000 bytes.

Breaks W23.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        if len(body) > 500_000:
            sys.exit("too large")
        super().handle(channel, delivery, properties, body)


worker.Worker = Mutant

sys.exit(worker.main())
