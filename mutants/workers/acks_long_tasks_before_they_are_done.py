"""A worker that acknowledges a long task after 1.3 seconds, done or not.

Breaks W03, W19, W20.
"""

import sys

from reference import worker

from ._acks_early import AcksEarly


class Mutant(AcksEarly):
    def acks_early(self, delivery, body):
        return False

    def handle(self, channel, delivery, properties, body):
        def acknowledge():
            if worker.SECONDS_PER_DOT * body.count(b".") > 1.3:
                self.acknowledged = True
                channel.basic_ack(delivery.delivery_tag)

        timer = channel.connection.call_later(1.3, acknowledge)
        super().handle(channel, delivery, properties, body)
        channel.connection.remove_timeout(timer)


worker.Worker = Mutant

sys.exit(worker.main())
