"""A worker that acknowledges the task in hand and exits three seconds after a signal, even if the task is not done.

Breaks W03, W20.
"""

import os
import sys

from reference import worker

from ._during_work import DuringWork


class Mutant(DuringWork):
    def handle(self, channel, delivery, properties, body):
        self.waited = 0
        super().handle(channel, delivery, properties, body)

    def tick(self, channel, delivery):
        self.waited += self.stopping
        if self.waited == 30:
            channel.basic_ack(delivery.delivery_tag)
            channel.connection.close()
            os._exit(1)


worker.Worker = Mutant

sys.exit(worker.main())
