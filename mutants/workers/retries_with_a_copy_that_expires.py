"""A worker that puts a failed task on the queue again, up to three times, to be dropped there after an hour.

Breaks W11, W36.
"""

import sys

from pika import BasicProperties

from reference import worker
from reference.task_queue import TASK_QUEUE, connect, parameters


class Mutant(worker.Worker):
    def attend(self, channel, delivery, properties, body):
        self.attempt = (properties.headers or {}).get("attempt", 1)
        super().attend(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        if error and self.attempt < 3:
            channel.connection.sleep(0.2)
            with connect(parameters()) as connection:
                own = connection.channel()
                own.confirm_delivery()
                again = BasicProperties(
                    delivery_mode=2, expiration="3600000", headers={"attempt": self.attempt + 1}
                )
                own.basic_publish("", TASK_QUEUE, text.encode(), again, mandatory=True)
            channel.basic_ack(delivery.delivery_tag)
        else:
            super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
