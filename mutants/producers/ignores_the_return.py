"""A producer that reports a task as sent if the broker returns it and then confirms it.

Breaks P04.
"""

import sys
from contextlib import suppress

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import UnroutableError

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    with suppress(UnroutableError):
        publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
