"""A producer that tries again after a nack, but reports the task as sent after the third.

Breaks P03.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import NackError

from reference import new_task

publish, refusal = BlockingChannel.basic_publish, new_task.refusal
refused = 0


def lie(channel, **message):
    global refused
    try:
        publish(channel, **message)
    except NackError:
        refused += 1
        if refused < 3:
            raise


BlockingChannel.basic_publish = lie
new_task.refusal = lambda error: None if isinstance(error, NackError) else refusal(error)

sys.exit(new_task.main(sys.argv[1:]))
