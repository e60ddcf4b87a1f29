"""A worker that leaves at once with status 130 when it is interrupted, as shells and many runtimes do.

Breaks W50.
"""

import os
import signal
import sys

from reference import worker


class Mutant(worker.Worker):
    def stop(self, signal_number, frame):
        if signal_number == signal.SIGINT:
            os._exit(130)
        super().stop(signal_number, frame)


worker.Worker = Mutant

sys.exit(worker.main())
