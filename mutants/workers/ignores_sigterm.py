"""A worker that ignores SIGTERM.

Breaks W19, W35.
"""

import signal
import sys

from reference import worker


class Mutant(worker.Worker):
    def stop(self, signal_number, frame):
        if signal_number != signal.SIGTERM:
            super().stop(signal_number, frame)


worker.Worker = Mutant

sys.exit(worker.main())
