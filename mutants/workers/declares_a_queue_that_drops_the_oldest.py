"""A worker that declares the queue with a length limit: if the queue is full, the broker drops the oldest task.

Breaks W36.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

declare = BlockingChannel.queue_declare


def declare_with_a_limit(channel, queue, durable, arguments):
    return declare(channel, queue, durable=durable, arguments={**(arguments or {}), "x-max-length": 100_000})


BlockingChannel.queue_declare = declare_with_a_limit

sys.exit(worker.main())
