"""A worker that puts a task that failed back on the queue, with a pause, but without end.

Breaks W08, W09, W11 (classic).
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        if error:
            channel.connection.sleep(0.15)
            channel.basic_reject(delivery.delivery_tag, requeue=True)
        else:
            super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
