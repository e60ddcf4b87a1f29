"""A worker that declares a quorum queue with a delivery limit of two, and without a dead letter exchange.

Breaks W40.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

declare = BlockingChannel.queue_declare
LIMITED = {"x-queue-type": "quorum", "x-delivery-limit": 2}


def lie(channel, queue, durable, arguments):
    return declare(channel, queue, durable=durable, arguments={**(arguments or {}), **LIMITED})


BlockingChannel.queue_declare = lie

sys.exit(worker.main())
