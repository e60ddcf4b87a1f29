"""A worker that acknowledges a task with `multiple`, whatever other tasks are still at work.

Runs with prefetch 8, concurrency 4.

Breaks W04.
May break S02, by chance.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    def subscribe(self, channel):
        self.acknowledged = 0
        return super().subscribe(channel)

    def settle(self, channel, delivery, text, error):
        if delivery.delivery_tag > self.acknowledged:
            super().settle(channel, delivery, text, error)

    def acknowledge(self, channel, tag):
        self.acknowledged = tag
        channel.basic_ack(tag, multiple=True)


sys.exit(several.run(Mutant))
