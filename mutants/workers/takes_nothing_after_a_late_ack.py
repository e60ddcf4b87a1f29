"""A worker that lives on without a subscription when the broker has ended it amid a task: it acknowledges the task
late, and takes no other.

Breaks W13, W14.
"""

import sys
import time

from pika.channel import Channel

from reference import worker


class Mutant(worker.Worker):
    works = deaf = False

    def handle(self, channel, delivery, properties, body):
        self.works = True
        try:
            super().handle(channel, delivery, properties, body)
        finally:
            self.works = False

    def on_cancel(self, method):
        if self.works:
            Channel._on_deliver = lambda *_: None
        else:
            super().on_cancel(method)


worker.Worker = Mutant

sys.exit(worker.main())
