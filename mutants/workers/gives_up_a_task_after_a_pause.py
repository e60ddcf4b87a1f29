"""A worker that gives up a task for good after it was stopped and told to go on.

Breaks S02.
"""

import signal
import sys

from reference import worker


class Mutant(worker.Worker):
    def __init__(self):
        super().__init__()
        self.paused = False
        signal.signal(signal.SIGCONT, self.goes_on)

    def goes_on(self, *_):
        self.paused = True

    def settle(self, channel, delivery, text, error):
        if self.paused:
            self.paused = False
            error = TimeoutError("the task took too long")
        super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
