"""A worker that acknowledges the task in hand and exits when it is interrupted (SIGINT), even if the task is not
done.

Breaks W03, W20.
"""

import os
import signal
import sys

from reference import worker

from ._during_work import DuringWork


class Mutant(DuringWork):
    interrupted = False

    def stop(self, signal_number, frame):
        self.interrupted = signal_number == signal.SIGINT
        super().stop(signal_number, frame)

    def tick(self, channel, delivery):
        if self.interrupted:
            channel.basic_ack(delivery.delivery_tag)
            channel.connection.close()
            os._exit(0)


worker.Worker = Mutant

sys.exit(worker.main())
