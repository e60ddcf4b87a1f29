"""A worker that does not ask to be told of a cancelled subscription, and so waits for ever on a deleted queue.

Breaks W14, W29.
"""

import sys

from reference import task_queue, worker


def parameters():
    params = task_queue.parameters()
    params.client_properties = {"capabilities": {"connection.blocked": True, "basic.nack": True}}
    return params


worker.parameters = parameters

sys.exit(worker.main())
