"""A worker that publishes failed tasks to a dead-letter queue that holds one message at most.

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
