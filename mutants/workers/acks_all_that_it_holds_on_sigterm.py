"""A worker that acknowledges with `multiple` all that it holds when it is told to stop, and leaves.

Runs with prefetch 8, concurrency 4.

Breaks W03, W04, W07, W19, W20.
May break S02, by chance.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    def leave(self, channel):
        super().leave(channel)
        channel.basic_ack(0, multiple=True)

    def settle(self, channel, delivery, text, error):
        if not self.stopping:
            super().settle(channel, delivery, text, error)


sys.exit(several.run(Mutant))
