"""A producer that publishes through another exchange, to which it has bound the queue.

Breaks P10.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task
from reference.task_queue import TASK_QUEUE

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    channel.queue_bind(TASK_QUEUE, "amq.direct", routing_key="tasks")
    message |= {"exchange": "amq.direct", "routing_key": "tasks"}
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
