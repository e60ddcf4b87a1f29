"""A worker that exits with status 0 when its connection is lost.

Breaks W15, W45.
"""

import sys

from pika.exceptions import AMQPConnectionError

from reference import worker


class Mutant(worker.Worker):
    def serve(self):
        try:
            super().serve()
        except AMQPConnectionError:
            if self.subscribed_at is None:
                raise
            sys.exit(0)


worker.Worker = Mutant

sys.exit(worker.main())
