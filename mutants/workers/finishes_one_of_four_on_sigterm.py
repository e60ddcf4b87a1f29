"""A worker that finishes one of the tasks that it is at work on when it is told to stop, and drops the others.

Runs with prefetch 8, concurrency 4.

Breaks W19.
"""

import os
import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    def settle(self, channel, delivery, text, error):
        super().settle(channel, delivery, text, error)
        if self.stopping:
            channel.connection.process_data_events(0)
            os._exit(0)


sys.exit(several.run(Mutant))
