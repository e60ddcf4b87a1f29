"""A worker that leaves without acknowledging if a task took almost a second longer than it should, as when the
worker was stopped for a while. The task is redelivered.

Breaks nothing.
"""

import os
import sys
import time

from reference import worker

MOST_LATE = 0.9
"""Seconds that a task may take longer than it should."""


class Leaving(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        self.due = time.monotonic() + body.count(b".") * worker.SECONDS_PER_DOT
        super().handle(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        if time.monotonic() > self.due + MOST_LATE:
            os._exit(1)
        super().settle(channel, delivery, text, error)


worker.Worker = Leaving

sys.exit(worker.main())
