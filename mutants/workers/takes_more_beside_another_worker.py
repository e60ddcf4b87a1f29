"""A worker that sets a prefetch of ten if another worker already consumes from the queue.

Breaks W02.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker
from reference.task_queue import TASK_QUEUE

qos = BlockingChannel.basic_qos


def take_ten_beside_others(self, **_):
    others = self.queue_declare(TASK_QUEUE, passive=True).method.consumer_count
    qos(self, prefetch_count=10 if others else 1)


BlockingChannel.basic_qos = take_ten_beside_others

sys.exit(worker.main())
