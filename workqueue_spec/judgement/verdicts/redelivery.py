"""What a broker's headers tell of a message that was delivered before, or was dead-lettered."""

from collections.abc import Iterable, Mapping, Sequence
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


def died(delivery: Delivery, *deaths: tuple[str, str], times: int = 1) -> Verdict:
    """The message's x-death header has exactly these deaths, each `times` times. A death is a queue and a reason.
    The latest death comes first, here as in the header.
    """
    expected = f"x-death: {_deaths((queue, reason, times) for queue, reason in deaths)}"
    told = [
        (str(death.get("queue")), str(death.get("reason")), death.get("count"))
        for death in headers(delivery).get("x-death") or []
    ]
    wanted = [(queue, reason, times) for queue, reason in deaths]
    right = told[:1] == wanted[:1] and len(told) == len(wanted) and set(told) == set(wanted)
    return Verdict(right, expected, f"x-death: {_deaths(told)}" if told else "no x-death")


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


def is_known_duplicate(delivery: Delivery) -> bool:
    """Whether a worker can know that this is a task that was delivered before: to itself, or to another worker."""
    return delivery.redelivered and bool(delivery.properties.message_id)


def headers(delivery: Delivery) -> Mapping[str, Any]:
    """The delivery's headers."""
    return delivery.properties.headers or {}


def _row(counts: Sequence[int | None]) -> str:
    return ", ".join("absent" if count is None else str(count) for count in counts)


def _deaths(deaths: Iterable[tuple[str, str, object]]) -> str:
    return ", ".join(f"{reason} in '{queue}' ({times})" for queue, reason, times in deaths)
