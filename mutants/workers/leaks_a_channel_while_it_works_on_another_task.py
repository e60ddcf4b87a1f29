"""A worker that opens a channel for a task that it begins while it works on another one, and never closes it.

Runs with prefetch 8, concurrency 4.

Breaks W38.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    def begin(self, channel, *delivery):
        if self.tasks:
            channel.connection.channel()
        super().begin(channel, *delivery)


sys.exit(several.run(Mutant))
