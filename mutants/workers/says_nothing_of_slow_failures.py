"""A worker that rejects a failed task without logging it if the task has a dot, so that it fails after some work.

Breaks W10.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        worker.log.disabled = bool(error) and "." in text
        super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
