"""A worker that takes a task for a duplicate, and acknowledges it without work, if it has seen the same text
before.

Breaks W31.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    done = ()

    def handle(self, channel, delivery, properties, body):
        if hash(body) in self.done:
            channel.basic_ack(delivery.delivery_tag)
            return
        super().handle(channel, delivery, properties, body)
        self.done = {*self.done, hash(body)}


worker.Worker = Mutant

sys.exit(worker.main())
