"""A worker that takes two tasks at a time, works on the first, and then acknowledges both with `multiple`.

Breaks W02, W04, W16, W19, W31, S01.
May break S02, by chance.
"""

import sys
from functools import partialmethod

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

qos, ack = BlockingChannel.basic_qos, BlockingChannel.basic_ack
BlockingChannel.basic_qos = lambda self, **_: qos(self, prefetch_count=2)


class Mutant(worker.Worker):
    def subscribe(self, channel):
        self.inbox = super().subscribe(channel)
        return self.inbox

    def handle(self, channel, delivery, properties, body):
        if self.inbox:  # both were there at once, and the reference takes the last
            later = (channel, delivery, properties, body)
            channel, delivery, properties, body = self.inbox.pop()
            self.inbox.append(later)
        super().handle(channel, delivery, properties, body)

    def settle(self, channel, delivery, text, error):
        if self.inbox and not error:
            delivery = self.inbox.pop()[1]
        super().settle(channel, delivery, text, error)


BlockingChannel.basic_ack = partialmethod(ack, multiple=True)
worker.Worker = Mutant

sys.exit(worker.main())
