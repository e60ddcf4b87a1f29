"""A worker that publishes a failed task to a queue that nobody declares, and takes the confirm as enough.

Breaks W37.
"""

import sys

from pika import BasicProperties

from reference import worker

from ._handing_on import FAILED, HandingOn


class Mutant(HandingOn):
    def hand_on(self, channel, text):
        channel.confirm_delivery()
        properties = BasicProperties(**{**vars(self.properties), "delivery_mode": 2})
        channel.basic_publish("", FAILED, text.encode(), properties)


worker.Worker = Mutant

sys.exit(worker.main())
