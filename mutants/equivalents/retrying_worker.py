"""A worker that has a failed task wait in a retry queue, tries it three times, and then parks it in a dead-letter
queue; what it publishes goes over a connection of its own.

Breaks nothing.
"""

import sys

import pika

from reference import worker
from reference.task_queue import TASK_QUEUE, connect, parameters

ATTEMPTS = 3
RETRY, DEAD = f"{TASK_QUEUE}.retry", f"{TASK_QUEUE}.dead"
BACK = {"x-message-ttl": 300, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": TASK_QUEUE}


class Worker(worker.Worker):
    def attend(self, channel, delivery, properties, body):
        self.message = (properties, body)
        super().attend(Settling(channel, self.hand_on), delivery, properties, body)

    def hand_on(self):
        """Publishes the failed task to the queue that is next for it, and returns when that is confirmed."""
        properties, body = self.message
        attempt = (properties.headers or {}).get("attempt", 1)
        with connect(parameters()) as connection:
            channel = connection.channel()
            channel.queue_declare(RETRY, durable=True, arguments=BACK)
            channel.queue_declare(DEAD, durable=True)
            channel.confirm_delivery()
            channel.basic_publish(
                exchange="",
                routing_key=RETRY if attempt < ATTEMPTS else DEAD,
                body=body,
                properties=copied(properties, attempt + 1),
                mandatory=True,
            )


def copied(properties, attempt):
    """All that the task had, and the number of the attempt."""
    headers = {**(properties.headers or {}), "attempt": attempt}
    mode = pika.DeliveryMode.Persistent.value
    return pika.BasicProperties(**{**vars(properties), "headers": headers, "delivery_mode": mode})


class Settling:
    """A channel on which a task is not rejected, but handed on and acknowledged."""

    def __init__(self, channel, hand_on):
        self._channel, self._hand_on = channel, hand_on

    def __getattr__(self, name):
        return getattr(self._channel, name)

    def basic_reject(self, tag, requeue):
        self._hand_on()
        self._channel.basic_ack(tag)


worker.Worker = Worker
sys.exit(worker.main())
