"""A worker that acknowledges the task in hand when it is interrupted (SIGINT), done or not, and leaves.

Breaks W03, W20.
"""

import os
import signal
import sys

from reference import worker


class Mutant(worker.Worker):
    interrupted = False

    def stop(self, signal_number, frame):
        self.interrupted = signal_number == signal.SIGINT
        super().stop(signal_number, frame)

    def attend(self, channel, delivery, properties, body):
        def look():
            if self.interrupted:
                channel.basic_ack(delivery.delivery_tag)
                channel.connection.close()
                os._exit(0)
            self.timer = channel.connection.call_later(0.1, look)

        look()
        super().attend(channel, delivery, properties, body)
        channel.connection.remove_timeout(self.timer)


worker.Worker = Mutant

sys.exit(worker.main())
