"""A producer that publishes its task with another message id after two failures.

Breaks P19.
"""

import itertools
import sys
import uuid

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish
attempts = itertools.count(1)


def lie(channel, **message):
    if next(attempts) > 2:
        message["properties"].message_id = str(uuid.uuid4())
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
