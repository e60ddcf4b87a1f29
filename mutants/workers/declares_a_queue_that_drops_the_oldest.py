"""A worker that declares the queue with a limit to its length, over which the broker drops the oldest task.

Breaks W36.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

declare = BlockingChannel.queue_declare


def lie(channel, queue, durable, arguments):
    return declare(channel, queue, durable=durable, arguments={**(arguments or {}), "x-max-length": 100_000})


BlockingChannel.queue_declare = lie

sys.exit(worker.main())
