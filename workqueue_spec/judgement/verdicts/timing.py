"""How long the work takes. A limit from above is a ratio, since a busy machine makes everything slower."""

from collections.abc import Sequence

from ..ledger import Delivery
from .settlement import TIMER
from .verdict import Verdict


def by_dots(wordy: Delivery, dotted: Delivery, work: float) -> Verdict:
    """The task of many words and no dot is quicker than the short one with dots, which takes its time."""
    expected = f"{work:.2f} s or more for the dots, and less for a long text without any"
    if wordy.held_until is None or dotted.held_until is None:
        return Verdict(False, expected, "not both were finished")
    for_words, for_dots = wordy.held_until - wordy.at, dotted.held_until - dotted.at
    seen = f"{for_dots:.3f} s for the dots, {for_words:.3f} s for the words"
    return Verdict(for_dots >= work - TIMER and for_words < for_dots, expected, seen)


def one_after_another(deliveries: Sequence[Delivery], works: Sequence[float]) -> Verdict:
    """From the end of the one that is done first to the end of the last lies the work of all but that one, whatever
    their order: none is done beside another.
    """
    ends = [delivery.held_until for delivery in deliveries if delivery.held_until is not None]
    if len(deliveries) < 2 or len(ends) < len(deliveries):
        return Verdict(False, f"{len(works)} tasks finished, one after another", "not all were finished")
    others = sum(works) - works[ends.index(min(ends))]
    expected = f"{others:.2f} s or more for the {len(works) - 1} tasks behind the first"
    took = max(ends) - min(ends)
    return Verdict(took >= others - (len(works) - 1) * TIMER, expected, f"{took:.3f} s")
