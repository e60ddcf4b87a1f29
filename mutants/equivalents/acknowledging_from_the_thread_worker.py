"""A worker whose thread settles the task: it hands the acknowledgement to the connection's event loop.

Breaks nothing.
"""

import functools
import sys
from contextlib import suppress

from pika.exceptions import ConnectionWrongStateError

from reference import worker


class Worker(worker.Worker):
    def handle(self, channel, delivery, _properties, body):
        settled = []

        def settle(acknowledge):
            settled.append(True)
            if self.cancelled or channel.is_closed:
                return
            if self.stopping:
                channel.basic_cancel(delivery.consumer_tag)
            acknowledge()

        def task():
            text = body.decode(errors="replace")
            acknowledge = functools.partial(channel.basic_ack, delivery.delivery_tag)
            try:
                worker.work(text)
                worker.say(" [x] Done")
            except Exception:
                worker.log.exception("task %r failed and is given up", text)
                acknowledge = functools.partial(channel.basic_reject, delivery.delivery_tag, requeue=False)
            with suppress(ConnectionWrongStateError):  # the connection is lost, and the task is requeued
                channel.connection.add_callback_threadsafe(functools.partial(settle, acknowledge))

        running = self.thread.submit(task)
        try:
            while not settled:
                worker.listen(channel)
        finally:
            running.result()


worker.Worker = Worker
sys.exit(worker.main())
