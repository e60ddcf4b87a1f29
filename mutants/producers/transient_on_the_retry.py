"""A producer that publishes the task as persistent on its first attempt only.

Breaks P01.
"""

import itertools
import sys

import pika
from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

publish = BlockingChannel.basic_publish
attempts = itertools.count(1)


def lie(channel, **message):
    if next(attempts) > 1:
        message["properties"].delivery_mode = pika.DeliveryMode.Transient.value
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
