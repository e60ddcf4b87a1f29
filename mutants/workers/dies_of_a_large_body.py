"""A worker that dies of a body of more than half a megabyte.

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
