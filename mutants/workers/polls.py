"""A worker that polls for tasks with `basic.get`, ten times a second.

Breaks W28.
"""

import sys
import time

from reference import worker
from reference.task_queue import TASK_QUEUE


class Mutant(worker.Worker):
    busy = False

    def subscribe(self, channel):
        def ask():
            if not (self.busy or self.stopping):
                method, properties, body = channel.basic_get(TASK_QUEUE)
                if method:
                    self.busy, method.consumer_tag = True, None
                    inbox.append((channel, method, properties, body))
            channel.connection.call_later(0.1, ask)

        worker.declare(channel)
        self.busy, inbox = False, []
        ask()
        self.subscribed_at = time.monotonic()
        return inbox

    def handle(self, *delivery):
        super().handle(*delivery)
        self.busy = False


worker.Worker = Mutant

sys.exit(worker.main())
