"""A worker that publishes a failed task again without the task's headers and type.

Breaks W43.
"""

import sys

from reference import worker

from ._with_retry_queue import WithRetryQueue


class Mutant(WithRetryQueue):
    def copied(self, attempt):
        copy = super().copied(attempt)
        copy.type, copy.headers = None, {"attempt": attempt}
        return copy


worker.Worker = Mutant

sys.exit(worker.main())
