"""A producer that reports a task as sent when the broker has blocked the connection for too long.

Breaks P11.
"""

import sys
from contextlib import suppress

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ConnectionBlockedTimeout

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    with suppress(ConnectionBlockedTimeout):
        publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
