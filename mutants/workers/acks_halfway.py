"""A worker that acknowledges a task when half of its work is done.

Breaks W03, W07, W10, W16, W19, W21, W31.
May break S02, by chance.
"""

import sys

from reference import worker

from ._acks_early import AcksEarly


class Mutant(AcksEarly):
    def acks_early(self, delivery, body):
        return False

    def handle(self, channel, delivery, properties, body):
        def acknowledge():
            self.acknowledged = True
            channel.basic_ack(delivery.delivery_tag)

        half = worker.SECONDS_PER_DOT * body.count(b".") / 2
        timer = channel.connection.call_later(half, acknowledge) if half else None
        super().handle(channel, delivery, properties, body)
        if timer:
            channel.connection.remove_timeout(timer)


worker.Worker = Mutant

sys.exit(worker.main())
