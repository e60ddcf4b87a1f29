"""A worker that ignores the broker's cancel of its subscription if it has a task in hand, and then waits for ever.

Breaks W14.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    busy = False

    def handle(self, channel, delivery, properties, body):
        self.busy = True
        super().handle(channel, delivery, properties, body)
        self.busy = False

    def on_cancel(self, method):
        if not self.busy:
            super().on_cancel(method)


worker.Worker = Mutant

sys.exit(worker.main())
