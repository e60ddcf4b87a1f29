"""A worker that does not ask to be told that its connection is blocked.

Breaks W29.
"""

import sys

from reference import task_queue, worker


def parameters():
    where = task_queue.parameters()
    where.client_properties = {"capabilities": {"consumer_cancel_notify": True, "basic.nack": True}}
    return where


worker.parameters = parameters

sys.exit(worker.main())
