"""A worker that puts the task in hand back on the queue on SIGTERM, and leaves.

Breaks W19.
"""

import os
import sys

from reference import worker


class Mutant(worker.Worker):
    def attend(self, channel, delivery, properties, body):
        def look():
            if self.stopping:
                channel.basic_nack(delivery.delivery_tag, requeue=True)
                channel.connection.close()
                os._exit(0)
            self.timer = channel.connection.call_later(0.1, look)

        look()
        super().attend(channel, delivery, properties, body)
        channel.connection.remove_timeout(self.timer)


worker.Worker = Mutant

sys.exit(worker.main())
