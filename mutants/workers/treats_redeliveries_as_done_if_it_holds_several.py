"""A worker that acknowledges a redelivered task without the work, if it holds another task already.

Runs with prefetch 8, concurrency 4.

Breaks W03, W06, W20, W21.
May break S02, by chance.
"""

import sys

from mutants import _several_at_once as several


class Mutant(several.Worker):
    def begin(self, channel, delivery, properties, body, mine):
        if delivery.redelivered and mine:
            channel.basic_ack(delivery.delivery_tag)
        else:
            super().begin(channel, delivery, properties, body, mine)


sys.exit(several.run(Mutant))
