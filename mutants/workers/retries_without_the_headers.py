"""A worker that has a failed task tried again without the headers and the type that it had.

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
