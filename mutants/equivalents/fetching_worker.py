"""A worker that fetches its tasks one by one (`basic.get`) instead of subscribing.

Breaks W28.
"""

import sys
import time

from reference import worker
from reference.task_queue import TASK_QUEUE, connect, declare, parameters


class Worker(worker.Worker):
    def serve(self):
        with connect(parameters()) as connection:
            worker.watch_for_silence(connection)
            channel = connection.channel()
            declare(channel)
            self.subscribed_at = time.monotonic()
            while not self.stopping:
                delivery, properties, body = channel.basic_get(TASK_QUEUE)
                if delivery is None:
                    worker.listen(channel)
                else:
                    delivery.consumer_tag = None  # there is no subscription to cancel
                    self.handle(channel, delivery, properties, body)


worker.Worker = Worker
sys.exit(worker.main())
