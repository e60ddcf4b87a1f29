"""A worker that rejects a redelivered task, as if it had been done before.

Breaks W21, W04, W06, W15, W17, W20.
May break S02, by chance.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        if delivery.redelivered:
            channel.basic_reject(delivery.delivery_tag, requeue=False)
        else:
            super().handle(channel, delivery, properties, body)


worker.Worker = Mutant

sys.exit(worker.main())
