"""A worker that sends a task that failed anew, over the connection that brings it tasks, with a count of its own
and without asking for a confirm.

Breaks W11, W30, W37.
"""

import sys

from pika import BasicProperties

from reference import worker
from reference.task_queue import TASK_QUEUE


class Mutant(worker.Worker):
    def attend(self, channel, delivery, properties, body):
        self.attempt = (properties.headers or {}).get("attempt", 1)
        super().attend(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        if error and self.attempt < 3:
            again = BasicProperties(delivery_mode=2, headers={"attempt": self.attempt + 1})
            channel.connection.sleep(0.2)
            channel.basic_publish("", TASK_QUEUE, text.encode(), again)
            channel.basic_ack(delivery.delivery_tag)
        else:
            super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
