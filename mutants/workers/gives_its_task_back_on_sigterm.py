"""A worker that puts the task in hand back on the queue on SIGTERM, and leaves.

Breaks W19.
"""

import os
import sys

from reference import worker

from ._during_work import DuringWork


class Mutant(DuringWork):
    def tick(self, channel, delivery):
        if self.stopping:
            channel.basic_nack(delivery.delivery_tag, requeue=True)
            channel.connection.close()
            os._exit(0)


worker.Worker = Mutant

sys.exit(worker.main())
