"""A worker that publishes a message about each failed task on a new connection, and never closes the connection.

Breaks W38.
"""

import sys

from reference import worker
from reference.task_queue import connect, parameters


class Mutant(worker.Worker):
    def __init__(self):
        super().__init__()
        self.connections = []

    def settle(self, channel, delivery, text, error):
        if error:
            self.connections.append(connect(parameters()))
            own = self.connections[-1].channel()
            own.basic_publish("amq.topic", "failed", text.encode())
        super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
