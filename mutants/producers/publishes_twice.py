"""A producer that publishes each task twice.

Breaks P17, P07, P09, P18, P20, P24.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    publish(channel, **message)
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
