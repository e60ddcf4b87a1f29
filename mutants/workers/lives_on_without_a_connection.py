"""A worker that does not connect again after it has lost its connection, and does not exit either.

Breaks W15.
May break S02, by chance.
"""

import sys
import time

from pika.exceptions import AMQPConnectionError

from reference import worker


class Mutant(worker.Worker):
    def serve(self):
        try:
            super().serve()
        except AMQPConnectionError:
            if self.subscribed_at is None:
                raise
            while not self.stopping:
                time.sleep(worker.TICK)


worker.Worker = Mutant

sys.exit(worker.main())
