"""A worker that takes tasks from two queues, and acknowledges those of the second before the work.

Runs with the profile two_queues.

Breaks W03.
May break W02, W05, W06, W07, W08, W09, W10, W16, W18, W19, W20, W21, W31, W41, W44, W49, S01, S02, by chance.
"""

import sys

from mutants import _two_queues


class Worker(_two_queues.Worker):
    def take(self, channel, delivery, properties, body):
        super().take(channel, delivery, properties, body)
        if delivery.consumer_tag == _two_queues.QUEUES[1]:
            channel.basic_ack(delivery.delivery_tag)

    def settle(self, channel, delivery, text, error):
        if delivery.consumer_tag != _two_queues.QUEUES[1]:
            super().settle(channel, delivery, text, error)


sys.exit(_two_queues.run(Worker))
