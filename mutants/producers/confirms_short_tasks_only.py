"""A producer that waits for the confirm of a task only if the task is short.

Breaks P02, P03, P04, P15.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    if len(message["body"]) > 1000:
        channel._delivery_confirmation = False
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
