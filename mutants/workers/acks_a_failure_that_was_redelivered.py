"""A worker that acknowledges a failed task if it was redelivered.

Breaks W07.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        if error and delivery.redelivered:
            worker.log.error("task %r failed", text)
            error = None
        super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
