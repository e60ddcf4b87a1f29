"""A worker that turns heartbeats off, so that it waits for ever on a dead connection.

Breaks W25.
"""

import sys

from reference import task_queue, worker


def parameters():
    params = task_queue.parameters()
    params.heartbeat = 0
    return params


worker.parameters = parameters

sys.exit(worker.main())
