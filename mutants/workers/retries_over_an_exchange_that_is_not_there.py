"""A worker that lets a failed task wait in a retry queue whose dead letter exchange nobody declares.

Breaks W41.
"""

import sys
from typing import ClassVar

from reference import worker

from ._with_retry_queue import WithRetryQueue


class Mutant(WithRetryQueue):
    retry: ClassVar = {"x-message-ttl": 300, "x-dead-letter-exchange": "the way back"}


worker.Worker = Mutant

sys.exit(worker.main())
