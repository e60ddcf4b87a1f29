"""A worker that exits with status 0 when the broker closes its channel while it is at work on several tasks.

Runs with prefetch 8, concurrency 4.

Breaks W13.
"""

import sys

from pika.exceptions import ChannelClosedByBroker

from mutants import _several_at_once as several


class Mutant(several.Worker):
    def serve(self):
        try:
            super().serve()
        except ChannelClosedByBroker:
            if len(self.at_work()) > 1:
                sys.exit(0)
            raise


sys.exit(several.run(Mutant))
