"""A worker that requeues a failed task twice, and counts the attempts in its own memory, where no other worker sees
the count.

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
        if error:
            self.attempts[text] += 1
        if error and self.attempts[text] < 3:
            channel.connection.sleep(0.2)
            channel.basic_nack(delivery.delivery_tag, requeue=True)
        else:
            super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
