"""The order of deliveries and redeliveries."""

from collections.abc import Sequence
from enum import StrEnum

from ..ledger import Ledger
from ..tasks import Task
from .carrying import numbers
from .verdict import Verdict


class Place(StrEnum):
    """Where the broker puts a message that was requeued."""

    OLD = "where it was"
    FRONT = "ahead of those that were never delivered"
    TAIL = "behind all others"


def in_order(ledger: Ledger, tasks: Sequence[Task]) -> Verdict:
    """The tasks were delivered once each, in the order in which they were sent."""
    order = _order(ledger, tasks)
    expected = f"{len(tasks)} messages in the order in which they were sent"
    return Verdict(order == list(range(1, len(tasks) + 1)), expected, f"in the order {_row(order)}")


def requeued_to(place: Place, ledger: Ledger, returned: Sequence[Task], fresh: Sequence[Task]) -> Verdict:
    """The requeued messages were redelivered at this place.

    The fresh messages were sent after them and had not been delivered before. Only for `Place.OLD` the order of
    the requeued messages among themselves counts.
    """
    order = _order(ledger, [*returned, *fresh])
    n, everything = len(returned), list(range(1, len(returned) + len(fresh) + 1))
    back, new = everything[:n], everything[n:]
    right = {
        Place.OLD: order == everything,
        Place.FRONT: sorted(order[:n]) == back and order[n:] == new,
        Place.TAIL: sorted(order[len(new) :]) == back and order[: len(new)] == new,
    }[place]
    seen = f"in the order {_row(order)}"
    return Verdict(right, f"the first {n} of {len(everything)} messages come back {place}", seen)


def _order(ledger: Ledger, tasks: Sequence[Task]) -> list[int]:
    """The numbers of the tasks, counted from 1, in the order of their deliveries."""
    return [number for of_delivery in numbers(ledger.deliveries, tasks) for number in of_delivery]


def _row(order: Sequence[int]) -> str:
    return "-".join(map(str, order))
