"""A worker that works on four tasks at once, and acknowledges with `multiple` once all tasks up to a tag are done.

Runs with prefetch 8, concurrency 4.

Breaks nothing.
"""

import sys

from mutants import _several_at_once as several


class Worker(several.Worker):
    def subscribe(self, channel):
        self.open, self.done = [], set()
        return super().subscribe(channel)

    def begin(self, channel, delivery, properties, body, mine):
        self.open.append(delivery.delivery_tag)
        super().begin(channel, delivery, properties, body, mine)

    def settle(self, channel, delivery, text, error):
        if error:
            self.open.remove(delivery.delivery_tag)
            super().settle(channel, delivery, text, error)
            self.acknowledge_done(channel)
        else:
            super().settle(channel, delivery, text, error)

    def acknowledge(self, channel, tag):
        self.done.add(tag)
        self.acknowledge_done(channel)

    def acknowledge_done(self, channel):
        """Acknowledges the tasks that are done and have no task at work before them."""
        last = None
        while self.open and self.open[0] in self.done:
            last = self.open.pop(0)
            self.done.discard(last)
        if last is not None:
            channel.basic_ack(last, multiple=True)


sys.exit(several.run(Worker))
