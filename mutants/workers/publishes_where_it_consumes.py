"""A worker that publishes the outcome of each task over the connection on which it consumes.

Breaks W30.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        super().settle(channel, delivery, text, error)
        channel.basic_publish("", "outcomes", b"failed" if error else b"done")


worker.Worker = Mutant

sys.exit(worker.main())
