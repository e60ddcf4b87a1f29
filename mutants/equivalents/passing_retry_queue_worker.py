"""A worker that publishes a failed task to a retry queue that exists only while it is used: the worker declares it
before each retry, and it expires five seconds later, long after its messages.

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
