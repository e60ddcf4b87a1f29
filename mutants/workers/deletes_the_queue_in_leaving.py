"""A worker that deletes the queue when it is told to stop.

Breaks W32, W19.
May break S02, by chance.
"""

import sys

from reference import worker
from reference.task_queue import TASK_QUEUE, connect, parameters


class Mutant(worker.Worker):
    def run(self):
        status = super().run()
        if self.stopping:
            with connect(parameters()) as connection:
                connection.channel().queue_delete(TASK_QUEUE)
        return status


worker.Worker = Mutant

sys.exit(worker.main())
