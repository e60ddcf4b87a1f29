"""A producer that sends only as much of a task as fits into one frame.

Breaks P09.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    message["body"] = message["body"][: 131_072 - 8]
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
