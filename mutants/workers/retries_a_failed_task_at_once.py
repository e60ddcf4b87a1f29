"""A worker that requeues a failed task, and so receives it again at once and without end.

Breaks W09, W08 (classic), W11 (classic).
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        if error:
            channel.basic_nack(delivery.delivery_tag, requeue=True)
        else:
            super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
