"""A producer that declares the queue so that the broker deletes it, with its tasks, after a day without a worker.

Breaks P21, P07.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

declare = BlockingChannel.queue_declare


def lie(channel, queue, durable, arguments):
    return declare(channel, queue, durable=durable, arguments={**(arguments or {}), "x-expires": 86_400_000})


BlockingChannel.queue_declare = lie

sys.exit(new_task.main(sys.argv[1:]))
