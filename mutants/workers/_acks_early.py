"""The base of workers that acknowledge some tasks before the work is done. Otherwise it is the reference worker."""

from typing import Any

from reference import worker


class AcksEarly(worker.Worker):
    """Acknowledges a task before the work if `acks_early` returns true for it."""

    received = 0
    """The number of tasks that it has received."""
    subscriptions = 0
    acknowledged = False
    """Whether the task in hand is acknowledged already."""

    def acks_early(self, delivery: Any, body: bytes) -> bool:
        """Whether to acknowledge this task as soon as it is delivered."""
        raise NotImplementedError

    def subscribe(self, channel):
        self.subscriptions += 1
        return super().subscribe(channel)

    def handle(self, channel, delivery, properties, body):
        self.received += 1
        self.acknowledged = self.acks_early(delivery, body)
        if self.acknowledged:
            channel.basic_ack(delivery.delivery_tag)
        super().handle(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        if not self.acknowledged:
            super().settle(channel, delivery, text, error)
