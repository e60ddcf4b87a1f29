"""A worker that polls for tasks with `basic.get`, again as soon as the broker has answered.

Breaks W28.
May break W54, by chance.
"""

import sys
import time

from reference import worker
from reference.task_queue import TASK_QUEUE, connect, declare, parameters


class Mutant(worker.Worker):
    def serve(self):
        with connect(parameters()) as connection:
            worker.watch_for_silence(connection)
            channel = connection.channel()
            declare(channel)
            self.subscribed_at = time.monotonic()
            while not self.stopping:
                delivery, properties, body = channel.basic_get(TASK_QUEUE)
                if delivery:
                    delivery.consumer_tag = None  # there is no subscription to cancel
                    self.handle(channel, delivery, properties, body)


worker.Worker = Mutant

sys.exit(worker.main())
