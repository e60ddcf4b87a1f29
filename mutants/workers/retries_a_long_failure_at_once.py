"""A worker that requeues a failed task if its text is long, and so receives it again at once.

Breaks W09, W08 (classic).
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        if error and len(text) > 300:
            channel.basic_nack(delivery.delivery_tag, requeue=True)
        else:
            super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
