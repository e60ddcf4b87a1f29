"""A worker that waits without a limit until the broker answers that the connection is closed.

Breaks W35.
"""

import sys

from reference import worker

exit_after = worker.exit_after


class Mutant(worker.Worker):
    def exit_soon(self):
        if self.subscribed_at is None:
            super().exit_soon()


def leave(seconds, why, **how):
    """Leaves out the deadline of the grace period."""
    if how:
        exit_after(seconds, why, **how)


worker.exit_after = leave
worker.Worker = Mutant

sys.exit(worker.main())
