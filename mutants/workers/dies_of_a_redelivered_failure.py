"""A worker that exits at a failed task that was redelivered.

Breaks W08.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        if error and delivery.redelivered:
            raise error
        super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
