"""A producer that declares the queue without `durable`: it is gone after a restart of the broker.

Breaks P18, P07.
"""

import sys

from reference import new_task
from reference.task_queue import TASK_QUEUE

new_task.declare = lambda channel: channel.queue_declare(TASK_QUEUE)

sys.exit(new_task.main(sys.argv[1:]))
