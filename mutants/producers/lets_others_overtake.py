"""A producer that sends a task through a queue that delays it for four seconds, unless that queue holds a task
already. So later tasks overtake it.

Breaks P10, P04, P14.
May break S02, by chance.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task
from reference.task_queue import TASK_QUEUE

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    later = {"x-message-ttl": 4000, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": TASK_QUEUE}
    if not channel.queue_declare("later", durable=True, arguments=later).method.message_count:
        message["routing_key"] = "later"
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
