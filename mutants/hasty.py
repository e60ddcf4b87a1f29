"""For the mutants that acknowledge a task too early, now and then: the reference worker, but for the haste."""

from typing import Any

from reference import worker


class Hasty(worker.Worker):
    """Acknowledges before the work where its `hurries` says so."""

    number = 0
    """How many tasks it has been given."""
    subscriptions = 0
    settled = False

    def hurries(self, delivery: Any, body: bytes) -> bool:
        """Whether this task counts as done as soon as it is there."""
        raise NotImplementedError

    def subscribe(self, channel):
        self.subscriptions += 1
        return super().subscribe(channel)

    def attend(self, channel, delivery, properties, body):
        self.number += 1
        self.settled = self.hurries(delivery, body)
        if self.settled:
            channel.basic_ack(delivery.delivery_tag)
        super().attend(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        if not self.settled:
            super().settle(channel, delivery, text, error)
