"""A worker that first declares a quorum queue without `durable`, which every broker refuses, and then with it.

Breaks W34 (quorum), W16 (quorum).
"""

import os
import sys
from contextlib import suppress

from pika.exceptions import ChannelClosedByBroker

from reference import worker
from reference.task_queue import TASK_QUEUE

declare = worker.declare


def declare_transient_first(channel):
    if os.environ.get("QUEUE_TYPE") == "quorum":
        with suppress(ChannelClosedByBroker):
            channel.connection.channel().queue_declare(TASK_QUEUE, arguments={"x-queue-type": "quorum"})
    declare(channel)


worker.declare = declare_transient_first

sys.exit(worker.main())
