"""A worker that rejects the first task that it receives after it has lost its connection.

Breaks W14, W15, W16, W17.
May break S02, by chance.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    subscriptions = seen = 0

    def subscribe(self, channel):
        self.subscriptions += 1
        return super().subscribe(channel)

    def handle(self, channel, delivery, properties, body):
        before, self.seen = self.seen, self.subscriptions
        if before and self.subscriptions > before:
            channel.basic_reject(delivery.delivery_tag, requeue=False)
        else:
            super().handle(channel, delivery, properties, body)


worker.Worker = Mutant

sys.exit(worker.main())
