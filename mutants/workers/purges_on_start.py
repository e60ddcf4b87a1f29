"""A worker that purges the queue when it subscribes.

Breaks W32, W02, W04, W06, W07, W08, W15, W17, W20, W21, W44, S02.
"""

import sys

from reference import worker
from reference.task_queue import TASK_QUEUE

declare = worker.declare


def declare_and_purge(channel):
    declare(channel)
    channel.queue_purge(TASK_QUEUE)


worker.declare = declare_and_purge

sys.exit(worker.main())
