"""A worker that opens a channel for each task, and closes it a second later.

Breaks nothing.
"""

import sys

from reference import worker


class Equivalent(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        opened = channel.connection.channel()
        channel.connection.call_later(1, opened.close)
        super().handle(channel, delivery, properties, body)


worker.Worker = Equivalent

sys.exit(worker.main())
