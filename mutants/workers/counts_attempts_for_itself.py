"""A worker that tries a task that failed twice more, and counts where no other worker can see it.

Breaks W11 (classic).
"""

import sys
from collections import Counter

from reference import worker


class Mutant(worker.Worker):
    def __init__(self):
        super().__init__()
        self.attempts = Counter()

    def settle(self, channel, delivery, text, error):
        self.attempts[text] += 1
        if error and self.attempts[text] < 3:
            channel.connection.sleep(0.2)
            channel.basic_nack(delivery.delivery_tag, requeue=True)
        else:
            super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
