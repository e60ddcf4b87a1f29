"""For mutants that leave in the middle of a task: the reference worker, but for a look around while it works."""

from typing import Any

from reference import worker


class Watchful(worker.Worker):
    """Calls its `glance` when a task comes, and ten times a second until the task is dealt with."""

    def glance(self, channel: Any, delivery: Any) -> None:
        """What it does, now and then, with the task in hand."""
        raise NotImplementedError

    def attend(self, channel, delivery, properties, body):
        def look():
            self.glance(channel, delivery)
            self.timer = channel.connection.call_later(0.1, look)

        look()
        super().attend(channel, delivery, properties, body)
        channel.connection.remove_timeout(self.timer)
