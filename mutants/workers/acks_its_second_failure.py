"""A worker that acknowledges the second failed task, and rejects the others.

Breaks W07.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    failures = 0

    def settle(self, channel, delivery, text, error):
        self.failures += bool(error)
        if error and self.failures == 2:
            worker.log.error("task %r failed", text)
            error = None
        super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
