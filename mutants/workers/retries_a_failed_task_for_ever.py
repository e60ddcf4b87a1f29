"""A worker that publishes a failed task again as a new message, after a pause but without end.

Breaks W09, W11, W30.
"""

import sys

from reference import worker
from reference.task_queue import TASK_QUEUE


class Mutant(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        self.message = properties, body
        super().handle(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        if error:
            properties, body = self.message
            channel.connection.sleep(0.15)
            channel.basic_publish("", TASK_QUEUE, body, properties)
        super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
