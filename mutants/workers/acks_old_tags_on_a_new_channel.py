"""A worker that acknowledges the first task it was cut off from with the tag of the lost channel.

Breaks W04, W17.
"""

import sys

from pika.exceptions import AMQPError

from reference import worker


class Mutant(worker.Worker):
    owed = None
    """The tag, and 0 once it has been sent."""

    def subscribe(self, channel):
        inbox = super().subscribe(channel)
        if self.owed:
            channel.basic_ack(self.owed)
            self.owed = 0
        return inbox

    def handle(self, channel, delivery, properties, body):
        try:
            super().handle(channel, delivery, properties, body)
        except AMQPError:
            if self.owed is None and delivery.delivery_tag > 1:  # the new channel brings a 1 at once
                self.owed = delivery.delivery_tag
            raise


worker.Worker = Mutant

sys.exit(worker.main())
