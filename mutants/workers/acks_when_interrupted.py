"""A worker that acknowledges the task in hand when it is interrupted (SIGINT), done or not, and leaves.

Breaks W03, W20.
"""

import os
import signal
import sys

from mutants.watchful import Watchful
from reference import worker


class Mutant(Watchful):
    interrupted = False

    def stop(self, signal_number, frame):
        self.interrupted = signal_number == signal.SIGINT
        super().stop(signal_number, frame)

    def glance(self, channel, delivery):
        if self.interrupted:
            channel.basic_ack(delivery.delivery_tag)
            channel.connection.close()
            os._exit(0)


worker.Worker = Mutant

sys.exit(worker.main())
