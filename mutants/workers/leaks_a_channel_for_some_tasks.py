"""A worker that opens a channel for each fifth task, and never closes it.

Breaks W38.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    handled = 0

    def handle(self, channel, delivery, properties, body):
        self.handled += 1
        if self.handled % 5 == 0:
            channel.connection.channel()
        super().handle(channel, delivery, properties, body)


worker.Worker = Mutant

sys.exit(worker.main())
