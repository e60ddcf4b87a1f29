"""A worker that does not ask the broker to tell it when its connection is blocked.

Breaks W29.
"""

import sys

from reference import task_queue, worker


def parameters():
    params = task_queue.parameters()
    params.client_properties = {"capabilities": {"consumer_cancel_notify": True, "basic.nack": True}}
    return params


worker.parameters = parameters

sys.exit(worker.main())
