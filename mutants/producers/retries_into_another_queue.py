"""A producer that publishes a task to another queue on each retry.

Breaks P10, P06.
"""

import itertools
import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish
attempts = itertools.count(1)


def lie(channel, **message):
    if next(attempts) > 1:
        message["routing_key"] = channel.queue_declare("task_queue.again", durable=True).method.queue
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
