"""A worker that opens a channel of its own for each of twenty threads, when the thread gets its first task.

Breaks nothing.
"""

import sys

from reference import worker


class Equivalent(worker.Worker):
    connection = None
    threads = 0

    def handle(self, channel, delivery, properties, body):
        if channel.connection is not self.connection:
            self.connection, self.threads = channel.connection, 0
        if self.threads < 20:
            channel.connection.channel()
            self.threads += 1
        super().handle(channel, delivery, properties, body)


worker.Worker = Equivalent

sys.exit(worker.main())
