"""A worker that takes no notice of signals when it has lost its connection in the middle of a task.

Breaks W35.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    connection = None
    """On which its latest task came."""

    def attend(self, channel, delivery, properties, body):
        self.connection = channel.connection
        super().attend(channel, delivery, properties, body)

    def stop(self, signal_number, frame):
        if self.connection is None or self.connection.is_open:
            super().stop(signal_number, frame)


worker.Worker = Mutant

sys.exit(worker.main())
