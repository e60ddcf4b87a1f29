"""A worker that exits with status 1 when its connection is lost.

Breaks W15.
"""

import sys

from pika.exceptions import AMQPConnectionError

from reference import worker


class Mutant(worker.Worker):
    def serve(self):
        try:
            super().serve()
        except AMQPConnectionError as error:
            if self.subscribed_at is None:
                raise
            sys.exit(repr(error))


worker.Worker = Mutant

sys.exit(worker.main())
