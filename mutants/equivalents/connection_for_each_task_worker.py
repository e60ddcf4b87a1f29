"""A worker that opens a new connection for each task.

Breaks nothing.
"""

import sys
import time

from reference import worker
from reference.task_queue import TASK_QUEUE, connect, declare, parameters


class Worker(worker.Worker):
    def serve(self):
        while not self.stopping and not self.cancelled:
            with connect(parameters()) as connection:
                worker.watch_for_silence(connection)
                self.serve_once(connection.channel())

    def serve_once(self, channel):
        declare(channel)
        channel.basic_qos(prefetch_count=1)
        channel.add_on_cancel_callback(self.on_cancel)
        inbox = []
        tag = channel.basic_consume(TASK_QUEUE, lambda *delivery: inbox.append(delivery))
        self.subscribed_at = time.monotonic()
        while not inbox and not self.stopping and not self.cancelled:
            worker.listen(channel)
        if inbox:
            channel.basic_cancel(tag)  # else the acknowledgement brings the next task
            self.handle(*inbox.pop())


worker.Worker = Worker
sys.exit(worker.main())
