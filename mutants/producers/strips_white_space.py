"""A producer that strips the white space from both ends of a task.

Breaks P09.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    message["body"] = message["body"].strip()
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
