"""A worker that lets a failed task wait for a second in a retry queue that expires after half a second.

Breaks W36, W41.
"""

import sys
from typing import ClassVar

from reference import worker

from ._with_retry_queue import WithRetryQueue


class Mutant(WithRetryQueue):
    retry: ClassVar = {**WithRetryQueue.retry, "x-message-ttl": 1000, "x-expires": 500}


worker.Worker = Mutant

sys.exit(worker.main())
