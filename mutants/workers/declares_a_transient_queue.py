"""A worker that declares a classic queue without `durable`: the queue is gone after a restart of the broker.

Breaks W34 (classic), W15 (classic), S02 (classic).
"""

import os
import sys

from reference import worker
from reference.task_queue import TASK_QUEUE

if os.environ.get("QUEUE_TYPE") != "quorum":
    worker.declare = lambda channel: channel.queue_declare(TASK_QUEUE, arguments={"x-queue-type": "classic"})

sys.exit(worker.main())
