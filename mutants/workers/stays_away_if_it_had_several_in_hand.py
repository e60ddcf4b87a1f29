"""A worker that does not connect again, and does not exit either, if it loses its connection amid several tasks.

Runs with prefetch 8, concurrency 4.

Breaks W15.
May break S02, by chance.
"""

import sys
import time

from pika.exceptions import AMQPConnectionError

from mutants import _several_at_once as several


class Mutant(several.Worker):
    def serve(self):
        try:
            super().serve()
        except AMQPConnectionError:
            if len(self.at_work()) > 1:
                while not self.stopping:
                    time.sleep(0.1)
            raise


sys.exit(several.run(Mutant))
