"""A worker that ends with a KeyboardInterrupt on SIGINT.

Breaks W50.
"""

import signal
import sys

from reference import worker


class Mutant(worker.Worker):
    def stop(self, signal_number, frame):
        if signal_number == signal.SIGINT:
            raise KeyboardInterrupt
        super().stop(signal_number, frame)


worker.Worker = Mutant

sys.exit(worker.main())
