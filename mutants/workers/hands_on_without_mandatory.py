"""A worker that declares a queue for failed tasks when the first task fails, and never notices if the queue is
gone.

Breaks W37.
"""

import sys

from pika import BasicProperties

from reference import worker

from ._handing_on import FAILED, HandingOn


class Mutant(HandingOn):
    declared = False

    def hand_on(self, channel, text):
        if not self.declared:
            channel.queue_declare(FAILED, durable=True)
            self.declared = True
        channel.confirm_delivery()
        properties = BasicProperties(**{**vars(self.properties), "delivery_mode": 2})
        channel.basic_publish("", FAILED, text.encode(), properties)


worker.Worker = Mutant

sys.exit(worker.main())
