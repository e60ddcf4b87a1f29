"""A worker that declares a queue for failed tasks when the first task fails, and again if a copy is returned.

Breaks nothing.
"""

import sys

from pika import BasicProperties
from pika.exceptions import UnroutableError

from mutants.workers._handing_on import FAILED, HandingOn
from reference import worker


class Worker(HandingOn):
    declared = False

    def hand_on(self, channel, text):
        if not self.declared:
            channel.queue_declare(FAILED, durable=True)
            self.declared = True
        channel.confirm_delivery()
        properties = BasicProperties(**{**vars(self.properties), "delivery_mode": 2})
        try:
            channel.basic_publish("", FAILED, text.encode(), properties, mandatory=True)
        except UnroutableError:
            self.declared = False
            self.hand_on(channel, text)


worker.Worker = Worker

sys.exit(worker.main())
