"""A worker that waits for the broker's word that its connection is closed, however long that takes.

Breaks W35.
"""

import sys

from reference import worker

leave_after = worker.leave_after


class Mutant(worker.Worker):
    def leave_soon(self):
        if self.subscribed_at is None:
            super().leave_soon()


def leave(seconds, why, **how):
    """Its period of grace is for tasks alone."""
    if how:
        leave_after(seconds, why, **how)


worker.leave_after = leave
worker.Worker = Mutant

sys.exit(worker.main())
