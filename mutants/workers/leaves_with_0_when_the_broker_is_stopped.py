"""A worker that exits with status 0 when the broker closes the connection because it is stopped.

Breaks W15, W45.
"""

import sys

from pika.exceptions import ConnectionClosedByBroker

from reference import worker


class Mutant(worker.Worker):
    def serve(self):
        try:
            super().serve()
        except ConnectionClosedByBroker:
            if self.subscribed_at is None:
                raise
            sys.exit(0)


worker.Worker = Mutant

sys.exit(worker.main())
