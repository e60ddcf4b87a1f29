"""A producer that reports a task as sent if the broker is stopped before the confirm.

Breaks P05.
"""

import sys
from contextlib import suppress

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ConnectionClosedByBroker

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    with suppress(ConnectionClosedByBroker):
        publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
