"""A worker that ignores signals if it has lost its connection in the middle of a task.

Breaks W35.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    connection = None
    """The connection on which its latest task was delivered."""

    def handle(self, channel, delivery, properties, body):
        self.connection = channel.connection
        super().handle(channel, delivery, properties, body)

    def stop(self, signal_number, frame):
        if self.connection is None or self.connection.is_open:
            super().stop(signal_number, frame)


worker.Worker = Mutant

sys.exit(worker.main())
