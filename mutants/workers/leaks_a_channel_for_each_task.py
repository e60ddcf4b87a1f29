"""A worker that opens a channel for each task, and never closes it.

Breaks W38.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        channel.connection.channel()
        super().handle(channel, delivery, properties, body)


worker.Worker = Mutant

sys.exit(worker.main())
