"""A worker that computes for three seconds more after its first task, as a runtime that compiles (JIT) does.

Breaks nothing.
"""

import sys
import threading
import time

from reference import worker


def compute():
    end = time.monotonic() + 3
    while time.monotonic() < end:
        pass


class WarmingUp(worker.Worker):
    warm = False

    def settle(self, *outcome):
        super().settle(*outcome)
        if not self.warm:
            self.warm = True
            threading.Thread(target=compute, daemon=True).start()


worker.Worker = WarmingUp

sys.exit(worker.main())
