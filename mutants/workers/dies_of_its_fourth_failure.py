"""A worker that survives three failed tasks, and exits at the fourth.

Breaks W08.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    failures = 0

    def settle(self, channel, delivery, text, error):
        self.failures += bool(error)
        if self.failures == 4:
            sys.exit("too many failures")
        super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
