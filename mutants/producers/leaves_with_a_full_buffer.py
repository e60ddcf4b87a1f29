"""A producer that exits with status 0 as soon as it has published, when the task may still be in a buffer.

Breaks P02, P03, P04, P05, P06, P11, P13, P15.
"""

import os
import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    channel._delivery_confirmation = False
    try:
        publish(channel, **message)
    finally:
        os._exit(0)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
