"""A worker that puts the task in hand back on the queue on SIGTERM, and leaves.

Breaks W19.
"""

import os
import sys

from mutants.watchful import Watchful
from reference import worker


class Mutant(Watchful):
    def glance(self, channel, delivery):
        if self.stopping:
            channel.basic_nack(delivery.delivery_tag, requeue=True)
            channel.connection.close()
            os._exit(0)


worker.Worker = Mutant

sys.exit(worker.main())
