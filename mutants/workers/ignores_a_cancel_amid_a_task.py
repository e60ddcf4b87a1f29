"""A worker that takes no notice when the broker cancels its subscription while it has a task in hand, and waits for
ever afterwards.

Breaks W14.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    busy = False

    def attend(self, channel, delivery, properties, body):
        self.busy = True
        super().attend(channel, delivery, properties, body)
        self.busy = False

    def note_cancel(self, method):
        if not self.busy:
            super().note_cancel(method)


worker.Worker = Mutant

sys.exit(worker.main())
