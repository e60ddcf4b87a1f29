"""A producer that takes a task off the queue and drops it before it sends a very short one.

Breaks P20.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task
from reference.task_queue import TASK_QUEUE

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    if len(message["body"]) < 8:
        channel.basic_get(TASK_QUEUE, auto_ack=True)
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
