"""A worker that installs its signal handlers when it has subscribed for the first time. Until then, a signal just
ends the process.

Breaks nothing.
"""

import signal
import sys

from reference import worker


class Worker(worker.Worker):
    def subscribe(self, channel):
        inbox = super().subscribe(channel)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)
        return inbox


worker.set_up_output()
sys.exit(Worker().run())
