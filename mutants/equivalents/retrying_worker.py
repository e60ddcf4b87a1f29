"""A worker that publishes a failed task to a retry queue, tries it three times, and then publishes it to a
dead-letter queue. It publishes on a separate connection.

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
    def handle(self, channel, delivery, properties, body):
        self.message = (properties, body)
        super().handle(HandingOnChannel(channel, self.hand_on), delivery, properties, body)

    def hand_on(self):
        """Publishes the failed task to the retry or the dead-letter queue, and returns when it is confirmed."""
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
    """The properties of the copy: those of the task, with the number of the attempt in a header."""
    headers = {**(properties.headers or {}), "attempt": attempt}
    mode = pika.DeliveryMode.Persistent.value
    return pika.BasicProperties(**{**vars(properties), "headers": headers, "delivery_mode": mode})


class HandingOnChannel:
    """A channel that hands a task on and acknowledges it instead of rejecting it."""

    def __init__(self, channel, hand_on):
        self._channel, self._hand_on = channel, hand_on

    def __getattr__(self, name):
        return getattr(self._channel, name)

    def basic_reject(self, tag, requeue):
        self._hand_on()
        self._channel.basic_ack(tag)


worker.Worker = Worker
sys.exit(worker.main())
