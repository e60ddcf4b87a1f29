"""A producer that purges the queue before it sends a very short task.

Breaks P20.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task
from reference.task_queue import TASK_QUEUE

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    if len(message["body"]) < 8:
        channel.queue_purge(TASK_QUEUE)
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
