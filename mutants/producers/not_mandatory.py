"""A producer that has a task dropped where no queue takes it, and is told that all is well.

Breaks P04.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    message["mandatory"] = False
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
