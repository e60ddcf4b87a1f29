"""A worker that reconnects when it first loses its connection, and exits the second time.

Breaks W15.
May break S02, by chance.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    lost = 0

    def serve(self):
        if self.lost == 2:
            sys.exit("lost again")
        try:
            super().serve()
        finally:
            self.lost += self.subscribed_at is not None


worker.Worker = Mutant

sys.exit(worker.main())
