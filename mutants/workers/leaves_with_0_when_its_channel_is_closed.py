"""A worker that exits with status 0 when the broker closes its channel.

Breaks W13.
"""

import sys

from pika.exceptions import ChannelClosedByBroker

from reference import worker


class Mutant(worker.Worker):
    def serve(self):
        try:
            super().serve()
        except ChannelClosedByBroker:
            if self.subscribed_at is None:
                raise
            sys.exit(0)


worker.Worker = Mutant

sys.exit(worker.main())
