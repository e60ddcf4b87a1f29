"""A producer that encodes its tasks in Latin-1, with a question mark for each character that Latin-1 lacks.

Breaks P09.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    message["body"] = message["body"].decode().encode("latin-1", "replace")
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
