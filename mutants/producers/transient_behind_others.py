"""A producer that publishes a task of two dots or more as persistent only if no other task waits in the queue.

Breaks P01.
"""

import sys

import pika
from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task
from reference.task_queue import TASK_QUEUE

publish = BlockingChannel.basic_publish


def lie(channel, **message):
    waiting = channel.queue_declare(TASK_QUEUE, passive=True).method.message_count
    if waiting and message["body"].count(b".") > 1:
        message["properties"].delivery_mode = pika.DeliveryMode.Transient.value
    publish(channel, **message)


BlockingChannel.basic_publish = lie

sys.exit(new_task.main(sys.argv[1:]))
