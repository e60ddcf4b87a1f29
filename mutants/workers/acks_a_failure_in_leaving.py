"""A worker that acknowledges a failed task if it has been told to leave in the meantime.

Breaks W07.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        super().settle(channel, delivery, text, None if self.stopping else error)


worker.Worker = Mutant

sys.exit(worker.main())
