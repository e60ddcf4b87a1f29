"""A producer that reports a task as sent when its third attempt has failed.

Breaks P05.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPConnectionError

from reference import new_task

publish = BlockingChannel.basic_publish
failed = 0


def lie(channel, **message):
    global failed
    try:
        publish(channel, **message)
    except AMQPConnectionError:
        failed += 1
        if failed < 3:
            raise


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
