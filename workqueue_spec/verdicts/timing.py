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


def one_after_another(deliveries: Sequence[Delivery], work: float) -> Verdict:
    """From the first delivery to the last settlement lies the work of all: none is done beside another."""
    ends = [delivery.held_until for delivery in deliveries if delivery.held_until is not None]
    expected = f"{work:.2f} s or more for {len(deliveries)} tasks"
    if not deliveries or len(ends) < len(deliveries):
        return Verdict(False, expected, "not all were finished")
    took = max(ends) - min(delivery.at for delivery in deliveries)
    return Verdict(took >= work - len(deliveries) * TIMER, expected, f"{took:.3f} s")
