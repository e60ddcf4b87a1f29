"""A worker that sets a prefetch of ten where another worker consumes from the queue already.

Breaks W02.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker
from reference.task_queue import TASK_QUEUE

qos = BlockingChannel.basic_qos


def compete(self, **_):
    others = self.queue_declare(TASK_QUEUE, passive=True).method.consumer_count
    qos(self, prefetch_count=10 if others else 1)


BlockingChannel.basic_qos = compete

sys.exit(worker.main())
