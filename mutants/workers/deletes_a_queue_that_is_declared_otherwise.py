"""A worker that deletes a queue that was declared with other properties, and declares it again.

Breaks W33.
"""

import sys

from pika.exceptions import ChannelClosedByBroker

from reference import worker
from reference.task_queue import TASK_QUEUE

declare = worker.declare


def declare_by_force(channel):
    try:
        declare(channel)
    except ChannelClosedByBroker:
        channel.connection.channel().queue_delete(TASK_QUEUE)
        raise ConnectionError from None


worker.declare = declare_by_force

sys.exit(worker.main())
