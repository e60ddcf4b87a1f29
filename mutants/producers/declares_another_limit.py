"""A producer that declares the queue with a length limit, which the worker does not declare.

Breaks P07.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import new_task

declare = BlockingChannel.queue_declare

LIMIT = {"x-max-length": 1_000_000, "x-overflow": "reject-publish"}


def lie(channel, queue, durable, arguments):
    return declare(channel, queue, durable=durable, arguments={**(arguments or {}), **LIMIT})


BlockingChannel.queue_declare = lie

sys.exit(new_task.main(sys.argv[1:]))
