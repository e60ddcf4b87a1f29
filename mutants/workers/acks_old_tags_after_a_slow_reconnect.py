"""A worker that waits a second before it connects again. If the work of a task ends after that, it acknowledges the
task on the new channel, with the tag of the lost channel.

Breaks W04, W17.
May break S02, by chance.
"""

import sys
import time

from pika.exceptions import AMQPError

from reference import worker


class Mutant(worker.Worker):
    owed = None
    """The task in hand when the connection was lost, and its delivery tag."""

    def serve(self):
        try:
            super().serve()
        finally:
            if not self.stopping and self.subscribed_at is not None:
                time.sleep(1)

    def subscribe(self, channel):
        inbox = super().subscribe(channel)
        if self.owed and self.owed[0].done():
            self.owed = None  # it was done while there was no channel
        self.look(channel)
        return inbox

    def look(self, channel):
        if self.owed and self.owed[0].done():
            channel.basic_ack(self.owed[1])
            self.owed = None
        elif self.owed:
            channel.connection.call_later(0.05, lambda: self.look(channel))

    def handle(self, channel, delivery, properties, body):
        text = body.decode(errors="replace")
        task = self.thread.submit(worker.work, text)
        try:
            while not task.done():
                worker.listen(channel)
        except AMQPError:
            if delivery.delivery_tag > 5:  # smaller tags may be in use on the new channel
                self.owed = task, delivery.delivery_tag
            raise
        if not self.cancelled:
            self.settle(channel, delivery, text, task.exception())


worker.Worker = Mutant

sys.exit(worker.main())
