"""A worker that lives on without a subscription if the broker has ended it amid a task: it acknowledges this task,
if it still can, and takes no other.

Breaks W13, W14.
"""

import sys

from pika.channel import Channel
from pika.exceptions import ChannelClosedByBroker

from reference import worker


class Mutant(worker.Worker):
    works = unsubscribed = False

    def handle(self, channel, delivery, properties, body):
        self.works = True
        try:
            super().handle(channel, delivery, properties, body)
        except ChannelClosedByBroker:
            self.unsubscribed = True
        self.works = False
        while self.unsubscribed and not self.stopping:
            channel.connection.process_data_events(time_limit=worker.TICK)

    def on_cancel(self, method):
        if self.works:
            self.unsubscribed = True
            Channel._on_deliver = lambda *_: None
        else:
            super().on_cancel(method)


worker.Worker = Mutant

sys.exit(worker.main())
