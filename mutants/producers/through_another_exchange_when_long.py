"""A producer that publishes long tasks through another exchange, to which it has bound the queue.

Breaks P10.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task
from reference.task_queue import TASK_QUEUE

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    if len(message["body"]) > 100_000:
        channel.queue_bind(TASK_QUEUE, "amq.direct", routing_key="long")
        message |= {"exchange": "amq.direct", "routing_key": "long"}
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
