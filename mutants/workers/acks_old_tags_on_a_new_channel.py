"""A worker that loses its channel during a task, and then acknowledges the task on the new channel by its old
delivery tag, once.

Breaks W04, W17.
"""

import sys

from pika.exceptions import AMQPError

from reference import worker


class Mutant(worker.Worker):
    old_tag = None
    """The delivery tag on the lost channel; None before, and 0 once it has been sent."""

    def subscribe(self, channel):
        inbox = super().subscribe(channel)
        if self.old_tag:
            channel.basic_ack(self.old_tag)
            self.old_tag = 0
        return inbox

    def handle(self, channel, delivery, properties, body):
        try:
            super().handle(channel, delivery, properties, body)
        except AMQPError:
            if self.old_tag is None and delivery.delivery_tag > 1:  # tag 1 is soon valid on the new channel
                self.old_tag = delivery.delivery_tag
            raise


worker.Worker = Mutant

sys.exit(worker.main())
