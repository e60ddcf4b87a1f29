"""A worker that ignores SIGTERM while it waits for a broker.

Breaks W35.
"""

import signal
import sys

from reference import worker


class Mutant(worker.Worker):
    def stop(self, signal_number, frame):
        if self.subscribed_at is not None or signal_number != signal.SIGTERM:
            super().stop(signal_number, frame)


worker.Worker = Mutant

sys.exit(worker.main())
