"""Whether a worker is idle while it has nothing to do."""

from collections.abc import Sequence
from typing import NamedTuple

from .verdict import Verdict

BUSY = 0.1
"""The share of what a busy loop gets from which on a worker is not idle. The examples in `implementations/`, and a
worker on pika that wakes a hundred times a second, use at most 2% of a core while they have nothing to do. A worker
that polls without a pause uses 9% to 20%: most of the time it waits for the broker."""
NEGLIGIBLE = 0.05
"""A share of a core that is always little. Else, if a busy loop gets a tenth of a core because other programs run,
a worker that looks for a signal now and then would be taken for a busy one."""


class CpuTime(NamedTuple):
    """What a worker used in a time in which it had nothing to do."""

    used: float
    """The share of a core that all its processes used."""
    possible: float
    """The share of a core that a busy loop got right before."""

    @property
    def is_idle(self) -> bool:
        """Whether the worker used little."""
        return self.used < max(NEGLIGIBLE, BUSY * self.possible)


def is_idle(measured: Sequence[CpuTime]) -> Verdict:
    """The worker was idle in one of the measured times at least; a runtime may compile or collect garbage at
    first.
    """
    expected = (
        f"CPU time: less than {BUSY:.0%} of what a busy loop gets, or less than {NEGLIGIBLE:.0%} of a core"
    )
    if not measured:
        return Verdict(False, expected, "nothing was measured")
    least = min(measured, key=lambda each: each.used)
    seen = (
        f"CPU time: {least.used:.0%} of a core at least, in {len(measured)} measurements; "
        f"a busy loop got {least.possible:.0%}"
    )
    return Verdict(any(each.is_idle for each in measured), expected, seen)
