"""How long the work takes. An upper limit is a ratio, since a busy machine makes everything slower."""

from collections.abc import Sequence

from ..ledger import Delivery
from .settlement import TIMER
from .verdict import Verdict


def by_dots(wordy: Delivery, dotted: Delivery, work: float) -> Verdict:
    """The short task with dots takes at least `work` seconds; the long task without dots takes less than it."""
    expected = f"{work:.2f} s or more for the dots, and less for a long text without any"
    if wordy.held_until is None or dotted.held_until is None:
        return Verdict(False, expected, "one of them or both not finished")
    for_words, for_dots = wordy.held_until - wordy.at, dotted.held_until - dotted.at
    seen = f"{for_dots:.3f} s for the dots, {for_words:.3f} s for the words"
    return Verdict(for_dots >= work - TIMER and for_words < for_dots, expected, seen)


def one_after_another(deliveries: Sequence[Delivery], works: Sequence[float]) -> Verdict:
    """The tasks are done one after another, in any order.

    Between the end of the first task and the end of the last lies at least the work of all tasks but the first.
    """
    ends = [delivery.held_until for delivery in deliveries if delivery.held_until is not None]
    if len(deliveries) < 2 or len(ends) < len(deliveries):
        return Verdict(False, f"{len(works)} tasks finished, one after another", "not all were finished")
    others = sum(works) - works[ends.index(min(ends))]
    expected = f"{others:.2f} s or more for the {len(works) - 1} tasks after the first"
    took = max(ends) - min(ends)
    return Verdict(took >= others - (len(works) - 1) * TIMER, expected, f"{took:.3f} s")
