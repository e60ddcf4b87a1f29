"""A producer that publishes its task with another message id on each attempt.

Breaks P19.
"""

import sys
import uuid

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    message["properties"].message_id = str(uuid.uuid4())
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
