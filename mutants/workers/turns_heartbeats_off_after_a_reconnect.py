"""A worker that turns heartbeats off from its second connection on.

Breaks W16.
"""

import sys

from reference import task_queue, worker


def parameters():
    params = task_queue.parameters()
    worker.parameters = without_heartbeat
    return params


def without_heartbeat():
    params = task_queue.parameters()
    params.heartbeat = 0
    return params


worker.parameters = parameters

sys.exit(worker.main())
