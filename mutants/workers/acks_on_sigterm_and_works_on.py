"""A worker that acknowledges the task in hand at once on SIGTERM, and finishes it afterwards.

Breaks W03, W07, W19, W20.
May break S02, by chance.
"""

import sys

from reference import worker

from ._acks_early import AcksEarly


class Mutant(AcksEarly):
    def acks_early(self, delivery, body):
        return False

    def handle(self, channel, delivery, properties, body):
        def check():
            if self.stopping:
                self.acknowledged = True
                channel.basic_cancel(delivery.consumer_tag)
                channel.basic_ack(delivery.delivery_tag)
            else:
                self.timer = channel.connection.call_later(0.1, check)

        check()
        super().handle(channel, delivery, properties, body)
        channel.connection.remove_timeout(self.timer)

    def settle(self, channel, delivery, text, error):
        channel.connection.remove_timeout(self.timer)  # else a signal now is handled twice
        super().settle(channel, delivery, text, error)


worker.Worker = Mutant

sys.exit(worker.main())
