"""A worker that connects again after a lost connection, but does not subscribe again.

Breaks W13, W14, W15, W16.
May break S02, by chance.
"""

import sys
import time

from reference import worker


class Mutant(worker.Worker):
    subscribed_once = False

    def subscribe(self, channel):
        if not self.subscribed_once:
            self.subscribed_once = True
            return super().subscribe(channel)
        self.subscribed_at = time.monotonic()
        worker.declare(channel)
        return []


worker.Worker = Mutant

sys.exit(worker.main())
