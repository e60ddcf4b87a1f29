"""A worker that publishes a failed task again with a new message_id.

Breaks W42.
"""

import sys
import uuid

from reference import worker

from ._with_retry_queue import WithRetryQueue


class Mutant(WithRetryQueue):
    def copied(self, attempt):
        copy = super().copied(attempt)
        copy.message_id = str(uuid.uuid4())
        return copy


worker.Worker = Mutant

sys.exit(worker.main())
