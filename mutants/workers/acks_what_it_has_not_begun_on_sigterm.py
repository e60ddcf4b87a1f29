"""A worker that is told to stop, finishes its tasks at work, and then acknowledges what it has not begun as well.

Runs with prefetch 8, concurrency 4.

Breaks W19, W31.
May break S02, by chance.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    def settle(self, channel, delivery, text, error):
        super().settle(channel, delivery, text, error)
        if self.stopping and self.waiting and all(task.done() for task in self.tasks):
            # Later than the work of any of them takes: each acknowledgement may come in time, but not all.
            channel.connection.sleep(0.3)
            while self.waiting:
                channel.basic_ack(self.waiting.popleft()[1].delivery_tag)


sys.exit(several.run(Mutant))
