"""A worker that has a failed task wait in a retry queue that is there only while it is used: it is declared before
each retry, and expires a good while after the last message has left it.

Breaks nothing.
"""

import sys
from typing import ClassVar

from mutants.workers._with_retry_queue import WithRetryQueue
from reference import worker


class Worker(WithRetryQueue):
    retry: ClassVar = {**WithRetryQueue.retry, "x-expires": 5000}


worker.Worker = Worker

sys.exit(worker.main())
