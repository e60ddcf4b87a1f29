"""A worker that exits at a failed task.

Breaks W08, W09.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        if error:
            raise error
        super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
