"""A worker that exits at a task with headers that it does not know.

Breaks W23, W03, W44.
"""

import sys

from reference import worker

KNOWN = {"x-delivery-count", "x-acquired-count", "x-death"}


class Mutant(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        if (properties.headers or {}).keys() - KNOWN:
            sys.exit("what are these headers?")
        super().handle(channel, delivery, properties, body)


worker.Worker = Mutant

sys.exit(worker.main())
