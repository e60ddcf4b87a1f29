"""A producer that declares the queue a second time if it is refused, and then deletes the queue before it gives up.

Breaks P08.
"""

import sys

from pika.exceptions import ChannelClosedByBroker

from reference import new_task
from reference.task_queue import TASK_QUEUE

declare = new_task.declare


def lie(channel):
    try:
        declare(channel)
    except ChannelClosedByBroker:
        again = channel.connection.channel()
        try:
            declare(again)
        except ChannelClosedByBroker:
            channel.connection.channel().queue_delete(TASK_QUEUE)
            raise


new_task.declare = lie

sys.exit(new_task.main(sys.argv[1:]))
