"""A worker that acknowledges the task in hand when it has been told to leave three seconds ago.

Breaks W03, W20.
"""

import os
import sys

from reference import worker


class Mutant(worker.Worker):
    def attend(self, channel, delivery, properties, body):
        def look():
            self.waited += self.stopping
            if self.waited == 30:
                channel.basic_ack(delivery.delivery_tag)
                channel.connection.close()
                os._exit(1)
            self.timer = channel.connection.call_later(0.1, look)

        self.waited = 0
        look()
        super().attend(channel, delivery, properties, body)
        channel.connection.remove_timeout(self.timer)


worker.Worker = Mutant

sys.exit(worker.main())
