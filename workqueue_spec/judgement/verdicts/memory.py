"""Whether a worker's memory grows by the tasks that it has done."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from .verdict import Verdict

KEPT = 0.8
"""A worker that keeps most of its tasks grows by at least this share of their bytes."""
MEGABYTE = 1_000_000
SHOWN = 5
"""The most measurements that are shown."""


class Growth(NamedTuple):
    """What a worker was given between two measurements, and how much more memory it uses."""

    given: int
    """Bytes of the bodies of tasks that it has done."""
    more: int
    """Bytes that its processes use beyond those of the earlier measurement."""

    @property
    def is_kept(self) -> bool:
        """Whether it uses as much more as if it had kept most of the tasks."""
        return self.more >= KEPT * self.given


def gives_memory_back(at_first: int, given_and_used: Sequence[tuple[int, int]]) -> Verdict:
    """The worker has given most tasks back, or has stopped growing: at one measurement at least it used less than
    if it had kept most of the tasks, or it grew by less than that twice in a row.

    Once is not enough, because a worker that keeps all tasks may collect other garbage meanwhile. `at_first` is the
    number of bytes that its processes used before. `given_and_used` holds for each measurement the bytes of all
    tasks that it was given since, and the bytes that its processes used then.
    """
    expected = f"less than {KEPT:.0%} of the tasks' bytes kept in memory, or no such growth twice in a row"
    totals = [Growth(given, used - at_first) for given, used in given_and_used]
    rounds = [
        Growth(given - before, used - less)
        for (before, less), (given, used) in itertools.pairwise([(0, at_first), *given_and_used])
    ]
    stopped = any(not one.is_kept and not other.is_kept for one, other in itertools.pairwise(rounds))
    shown = [f"{each.more / MEGABYTE:.0f} of {each.given / MEGABYTE:.0f} MB" for each in totals]
    seen = ", ".join(shown if len(shown) <= SHOWN else [*shown[: SHOWN - 2], "...", shown[-1]])
    return Verdict(
        stopped or not all(each.is_kept for each in totals), expected, f"growth by {seen or 'nothing'}"
    )
