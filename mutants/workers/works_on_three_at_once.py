"""A worker that takes three tasks and works on them at the same time.

Breaks W02, W16, W19, W31, S01.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

qos = BlockingChannel.basic_qos
BlockingChannel.basic_qos = lambda self, **_: qos(self, prefetch_count=3)


class Mutant(worker.Worker):
    def __init__(self):
        super().__init__()
        self.thread = ThreadPoolExecutor(3)

    def handle(self, channel, delivery, properties, body):
        text = body.decode(errors="replace")
        task = self.thread.submit(worker.work, text)

        def done(task):
            channel.connection.add_callback_threadsafe(
                partial(self.settle, channel, delivery, text, task.exception())
            )

        task.add_done_callback(done)


worker.Worker = Mutant

sys.exit(worker.main())
