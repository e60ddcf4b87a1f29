"""A worker that does not ask the broker to tell it of a cancelled subscription, and so waits for ever if the queue
is deleted.

Breaks W29, W14.
"""

import sys

from reference import task_queue, worker


def parameters():
    params = task_queue.parameters()
    params.client_properties = {"capabilities": {"connection.blocked": True, "basic.nack": True}}
    return params


worker.parameters = parameters

sys.exit(worker.main())
