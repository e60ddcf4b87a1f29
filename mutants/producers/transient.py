"""A producer that publishes each task as a transient message.

Breaks P01.
May break S02, by chance.
"""

import sys

import pika
from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    message["properties"].delivery_mode = pika.DeliveryMode.Transient.value
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
