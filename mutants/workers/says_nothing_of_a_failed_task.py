"""A worker that rejects a failed task without logging it.

Breaks W10.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        if error:
            channel.basic_reject(delivery.delivery_tag, requeue=False)
        else:
            super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
