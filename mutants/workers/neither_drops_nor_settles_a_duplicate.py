"""A worker that ignores a task with a message_id that it has seen before, and leaves the task unsettled.

Breaks W22.
May break S02, by chance.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    seen = frozenset()

    def handle(self, channel, delivery, properties, body):
        if properties.message_id not in self.seen:
            super().handle(channel, delivery, properties, body)
        self.seen |= {properties.message_id} - {None}


worker.Worker = Mutant

sys.exit(worker.main())
