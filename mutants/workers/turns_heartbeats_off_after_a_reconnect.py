"""A worker that turns heartbeats off from its second connection on.

Breaks W16.
"""

import sys

from reference import task_queue, worker


def parameters():
    where = task_queue.parameters()
    worker.parameters = without_heartbeat
    return where


def without_heartbeat():
    where = task_queue.parameters()
    where.heartbeat = 0
    return where


worker.parameters = parameters

sys.exit(worker.main())
