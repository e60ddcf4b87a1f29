"""A worker that has a failed task wait in a retry queue, tries it three times, and then parks it in a queue for
dead letters; what it publishes goes over a connection of its own, confirmed and mandatory.
"""

from typing import ClassVar

import pika

from reference import worker
from reference.task_queue import TASK_QUEUE, connect, parameters

RETRY, DEAD = f"{TASK_QUEUE}.retry", f"{TASK_QUEUE}.dead"


class WithRetryQueue(worker.Worker):
    """What a mutant does otherwise, it says by these."""

    attempts = 3
    retry: ClassVar = {
        "x-message-ttl": 300,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": TASK_QUEUE,
    }
    dead: ClassVar = {}
    mandatory = True
    declares = True
    """Whether it declares the two queues each time."""

    def attend(self, channel, delivery, properties, body):
        self.properties, self.body = properties, body
        super().attend(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        if not error:
            super().settle(channel, delivery, text, error)
            return
        worker.log.error("task %r failed", text)
        if self.stopping:
            channel.basic_cancel(delivery.consumer_tag)
        self.hand_on()
        channel.basic_ack(delivery.delivery_tag)

    def hand_on(self):
        """Publishes the failed task to the queue that is next for it, and returns when that is confirmed."""
        attempt = (self.properties.headers or {}).get("attempt", 1)
        with connect(parameters()) as connection:
            channel = connection.channel()
            if self.declares:
                channel.queue_declare(RETRY, durable=True, arguments=self.retry)
                channel.queue_declare(DEAD, durable=True, arguments=self.dead)
            channel.confirm_delivery()
            target = RETRY if attempt < self.attempts else DEAD
            channel.basic_publish("", target, self.body, self.copied(attempt + 1), mandatory=self.mandatory)

    def copied(self, attempt):
        """The properties of the copy: those of the task, and the number of the attempt."""
        headers = {**(self.properties.headers or {}), "attempt": attempt}
        return pika.BasicProperties(**{**vars(self.properties), "headers": headers, "delivery_mode": 2})
