"""The base of workers that publish a failed task to a retry queue, try it three times, and then publish it to a
dead-letter queue. They publish on a separate connection, with confirms and mandatory.
"""

from typing import ClassVar

import pika

from reference import worker
from reference.task_queue import TASK_QUEUE, connect, parameters

RETRY, DEAD = f"{TASK_QUEUE}.retry", f"{TASK_QUEUE}.dead"


class WithRetryQueue(worker.Worker):
    """A mutant sets the attribute in which it differs."""

    attempts = 3
    retry: ClassVar = {
        "x-message-ttl": 300,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": TASK_QUEUE,
    }
    dead: ClassVar = {}
    mandatory = True
    declares = True
    """Whether it declares the two queues before each copy."""

    def handle(self, channel, delivery, properties, body):
        self.properties, self.body = properties, body
        super().handle(channel, delivery, properties, body)

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
        """Publishes the failed task to the retry or the dead-letter queue, and returns when it is confirmed."""
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
        """The properties of the copy: those of the task, with the number of the attempt in a header."""
        headers = {**(self.properties.headers or {}), "attempt": attempt}
        return pika.BasicProperties(**{**vars(self.properties), "headers": headers, "delivery_mode": 2})
