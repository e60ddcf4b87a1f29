"""A producer that reports a task as sent if the connection is lost before the confirm.

Breaks P05, P06.
"""

import sys
from contextlib import suppress

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import StreamLostError

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    with suppress(StreamLostError):
        publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
