"""The base of workers that do something in the middle of a task. Otherwise it is the reference worker."""

from typing import Any

from reference import worker


class DuringWork(worker.Worker):
    """Calls `tick` when a task is delivered, and then ten times a second until the task is settled."""

    def tick(self, channel: Any, delivery: Any) -> None:
        """Called with the task in hand."""
        raise NotImplementedError

    def handle(self, channel, delivery, properties, body):
        def tick():
            self.tick(channel, delivery)
            self.timer = channel.connection.call_later(0.1, tick)

        tick()
        super().handle(channel, delivery, properties, body)
        channel.connection.remove_timeout(self.timer)
