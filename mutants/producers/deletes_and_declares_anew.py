"""A producer that deletes a queue that was declared with other properties, with all its tasks, and declares its
own.

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
    except ChannelClosedByBroker as refusal:
        if refusal.reply_code != 406:
            raise
        channel.connection.channel().queue_delete(TASK_QUEUE)
        raise ConnectionError("another attempt will do") from refusal


new_task.declare = lie

sys.exit(new_task.main(sys.argv[1:]))
