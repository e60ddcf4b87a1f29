"""A worker that subscribes again with a prefetch of three after it has done three tasks.

Breaks W02, W16.
"""

import sys

from reference import worker
from reference.task_queue import TASK_QUEUE


class Mutant(worker.Worker):
    done = 0

    def subscribe(self, channel):
        self.inbox = super().subscribe(channel)
        return self.inbox

    def settle(self, channel, delivery, text, error):
        super().settle(channel, delivery, text, error)
        self.done += 1
        if self.done == 3 and not self.stopping:
            channel.basic_cancel(delivery.consumer_tag)
            channel.basic_qos(prefetch_count=3)
            channel.basic_consume(TASK_QUEUE, lambda *delivery: self.inbox.append(delivery))


worker.Worker = Mutant

sys.exit(worker.main())
