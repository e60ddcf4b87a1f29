"""A worker that acknowledges a failed task like one that is done.

Breaks W07.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def settle(self, channel, delivery, text, error):
        if error:
            worker.log.error("task %r failed", text)
        super().settle(channel, delivery, text, None)


worker.Worker = Mutant

sys.exit(worker.main())
