"""What a broker's headers tell of a message that was delivered before, or was dead-lettered."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..ledger import Delivery
from .verdict import Verdict


def dead_lettered(delivery: Delivery, queue: str, reason: str) -> Verdict:
    """The first entry of the message's x-death header names this queue and this reason."""
    deaths = headers(delivery).get("x-death") or []
    expected = f"x-death with reason '{reason}' in queue '{queue}'"
    if not deaths:
        return Verdict(False, expected, "no x-death")
    death = deaths[0]
    seen = f"reason {str(death.get('reason'))!r} in queue {str(death.get('queue'))!r}"
    return Verdict(death.get("reason") == reason and death.get("queue") == queue, expected, seen)


def delivered_times(deliveries: Sequence[Delivery], times: int) -> Verdict:
    """The message was delivered exactly `times` times."""
    return Verdict(len(deliveries) == times, f"{times} deliveries", f"{len(deliveries)}")


def counts_deliveries(deliveries: Sequence[Delivery], header: str, counts: bool) -> Verdict:
    """If `counts`, each delivery but the first has in the header the number of deliveries before it.

    Otherwise no delivery has the header. A single delivery is not enough to tell.
    """
    seen = [headers(delivery).get(header) for delivery in deliveries]
    right = [number if counts and number else None for number in range(len(deliveries))]
    expected = f"{header} {_row(right)} on the deliveries"
    return Verdict(len(seen) > 1 and seen == right, expected, f"{header} {_row(seen)}")


def headers(delivery: Delivery) -> Mapping[str, Any]:
    """The delivery's headers."""
    return delivery.properties.headers or {}


def _row(counts: Sequence[int | None]) -> str:
    return ", ".join("absent" if count is None else str(count) for count in counts)
