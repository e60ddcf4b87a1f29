"""A worker that gives up a task for good if the task took almost a second longer than it should, as when the worker
was stopped for a while.

Breaks S02.
"""

import sys
import time

from reference import worker

MOST_LATE = 0.9
"""Seconds that a task may take longer than it should."""


class Mutant(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        self.due = time.monotonic() + body.count(b".") * worker.SECONDS_PER_DOT
        super().handle(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        if time.monotonic() > self.due + MOST_LATE:
            error = TimeoutError("the task took too long")
        super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
