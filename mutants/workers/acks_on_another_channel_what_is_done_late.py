"""A worker that acknowledges its first task that is done after a later one on another channel, too.

Runs with prefetch 8, concurrency 4.

Breaks W04.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    has_erred = False

    def subscribe(self, channel):
        self.last = 0
        self.other = channel.connection.channel()
        return super().subscribe(channel)

    def acknowledge(self, channel, tag):
        if tag < self.last and not self.has_erred:
            self.has_erred = True
            self.other.basic_ack(tag)
        super().acknowledge(channel, tag)
        self.last = max(self.last, tag)


sys.exit(several.run(Mutant))
