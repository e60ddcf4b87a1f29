"""A worker that parks a task that failed in a queue for dead letters that has room for one.

Breaks W41.
"""

import sys
from typing import ClassVar

from reference import worker

from ._with_retry_queue import WithRetryQueue


class Mutant(WithRetryQueue):
    attempts = 1
    dead: ClassVar = {"x-max-length": 1}


worker.Worker = Mutant

sys.exit(worker.main())
