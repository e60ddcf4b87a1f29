"""A worker that takes tasks from two queues, and acknowledges before the work what comes on another queue than the
first task that it was given.

Runs with the profile two_queues.

Breaks W03.
"""

import sys

from mutants import _two_queues


class Worker(_two_queues.Worker):
    usual = None

    def take(self, channel, delivery, properties, body):
        super().take(channel, delivery, properties, body)
        self.usual = self.usual or delivery.consumer_tag
        if delivery.consumer_tag != self.usual:
            channel.basic_ack(delivery.delivery_tag)

    def settle(self, channel, delivery, text, error):
        if delivery.consumer_tag == self.usual:
            super().settle(channel, delivery, text, error)


sys.exit(_two_queues.run(Worker))
