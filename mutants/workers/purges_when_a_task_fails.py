"""A worker that purges the queue a second after a task has failed.

Breaks W32, W08, W09.
"""

import sys

from reference import worker
from reference.task_queue import TASK_QUEUE


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        if error:
            channel.connection.sleep(1)
            channel.queue_purge(TASK_QUEUE)
        super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
