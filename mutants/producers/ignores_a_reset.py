"""A producer that reports a task as sent if the connection is reset before the confirm.

Breaks P05.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import StreamLostError

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    try:
        publish(channel, **message)
    except StreamLostError as lost:
        if "ConnectionResetError" not in str(lost):
            raise


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
