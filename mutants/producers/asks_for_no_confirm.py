"""A producer that does not ask for confirms, and reports each task as sent as soon as it has published it.

Breaks P02, P03, P04, P05, P06, P11, P15.
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
BlockingChannel.confirm_delivery = lambda channel: None

sys.exit(new_task.main(sys.argv[1:]))
