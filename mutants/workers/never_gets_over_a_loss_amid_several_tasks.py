"""A worker that loses its connection amid several tasks, and holds as many fewer from then on.

Runs with prefetch 8, concurrency 4.

Breaks W16.
"""

import sys

from pika.exceptions import AMQPConnectionError

from mutants import _several_at_once as several


class Mutant(several.Worker):
    def serve(self):
        try:
            super().serve()
        except AMQPConnectionError:
            if self.subscribed_at is not None:
                self.prefetch = max(1, self.prefetch - len(self.at_work()))
            raise


sys.exit(several.run(Mutant))
