"""A worker that gives up if no broker answers when it starts.

Breaks W24.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    subscribed = False

    def serve(self):
        try:
            super().serve()
        except OSError:
            raise
        except Exception as error:
            if not self.subscribed:
                sys.exit(repr(error))
            raise

    def subscribe(self, channel):
        self.subscribed = True
        return super().subscribe(channel)


worker.Worker = Mutant

sys.exit(worker.main())
