"""A worker that discards a task that failed after a while, without a word.

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
