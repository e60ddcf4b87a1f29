"""A worker that exits with status 0 at once on SIGTERM, even with a task in hand.

Breaks W19.
"""

import os
import signal
import sys

from reference import worker


class Mutant(worker.Worker):
    def stop(self, signal_number, frame):
        if signal_number == signal.SIGTERM:
            os._exit(0)
        super().stop(signal_number, frame)


worker.Worker = Mutant

sys.exit(worker.main())
