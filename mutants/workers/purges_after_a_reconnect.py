"""A worker that purges the queue after it has lost its connection.

Breaks W32, W15, W17.
May break S02, by chance.
"""

import sys

from reference import worker
from reference.task_queue import TASK_QUEUE


class Mutant(worker.Worker):
    subscriptions = 0

    def subscribe(self, channel):
        if self.subscriptions:
            worker.declare(channel)
            channel.queue_purge(TASK_QUEUE)
        self.subscriptions += 1
        return super().subscribe(channel)


worker.Worker = Mutant

sys.exit(worker.main())
