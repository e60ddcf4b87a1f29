"""A producer that takes a nack for a confirm.

Breaks P03.
"""

import sys
from contextlib import suppress

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import NackError

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    with suppress(NackError):
        publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
