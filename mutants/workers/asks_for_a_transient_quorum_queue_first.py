"""A worker that first asks for a quorum queue without `durable`, which no broker gives it, and then with it.

Breaks W16 (quorum), W34 (quorum).
"""

import os
import sys
from contextlib import suppress

from pika.exceptions import ChannelClosedByBroker

from reference import worker
from reference.task_queue import TASK_QUEUE

declare = worker.declare


def lie(channel):
    if os.environ.get("QUEUE_TYPE") == "quorum":
        with suppress(ChannelClosedByBroker):
            channel.connection.channel().queue_declare(TASK_QUEUE, arguments={"x-queue-type": "quorum"})
    declare(channel)


worker.declare = lie

sys.exit(worker.main())
