"""A worker that loses its connection amid several tasks, and holds as many fewer until they are done.

Then it subscribes a second time, for the rest.

Runs with prefetch 8, concurrency 4.

Breaks nothing.
"""

import sys

from mutants import _several_at_once as several
from reference.task_queue import TASK_QUEUE


class Equivalent(several.Worker):
    fewer = 0

    def limit(self, channel):
        self.old = self.at_work()
        self.fewer = len(self.old)
        channel.basic_qos(prefetch_count=self.prefetch - self.fewer)

    def take(self, channel, *delivery):
        super().take(channel, *delivery)
        if self.fewer and all(task.done() for task in self.old):
            channel.basic_qos(prefetch_count=self.fewer)
            channel.basic_consume(TASK_QUEUE, self.take)
            self.fewer = 0


sys.exit(several.run(Equivalent))
