"""A worker that declares its queue with a dead letter exchange and a queue behind it, and if it is a quorum queue,
with a delivery limit of two.

Breaks nothing.
"""

import os
import sys

from reference import worker
from reference.task_queue import TASK_QUEUE

EXCHANGE, DEAD = f"{TASK_QUEUE}.dlx", f"{TASK_QUEUE}.dead"


def declare(channel):
    kind = {"x-queue-type": os.environ.get("QUEUE_TYPE", "classic")}
    limit = {"x-delivery-limit": 2} if kind["x-queue-type"] == "quorum" else {}
    channel.exchange_declare(EXCHANGE, "fanout", durable=True)
    channel.queue_declare(DEAD, durable=True, arguments=kind)
    channel.queue_bind(DEAD, EXCHANGE)
    arguments = {**kind, **limit, "x-dead-letter-exchange": EXCHANGE}
    channel.queue_declare(TASK_QUEUE, durable=True, arguments=arguments)


worker.declare = declare
sys.exit(worker.main())
