"""A worker that acknowledges a redelivered task twice.

Breaks W04.
May break S02, by chance.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        super().settle(channel, delivery, text, error)
        if delivery.redelivered:
            channel.basic_ack(delivery.delivery_tag)


worker.Worker = Mutant

sys.exit(worker.main())
