"""A worker that opens a new channel each time the broker cancels its subscription, and never closes the old one.

Breaks W48.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def serve(self):
        with worker.connect(worker.parameters()) as connection:
            worker.watch_for_silence(connection)
            while not self.stopping:
                self.cancelled = False
                channel = connection.channel()
                inbox = self.subscribe(channel)
                while not self.cancelled:
                    leaving = self.stopping
                    worker.listen(channel)
                    if inbox:
                        self.handle(*inbox.pop())
                    elif leaving:
                        return


worker.Worker = Mutant

sys.exit(worker.main())
