"""A worker that requeues the task in hand on SIGTERM, and exits.

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
