"""A producer that leaves out the delivery mode if the task is long.

Breaks P01.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    if len(message["body"]) > 100_000:
        message["properties"].delivery_mode = None
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
