"""How a broker ends subscriptions and connections."""

from collections.abc import Sequence

from ..ledger import Cancellation, Channel
from .verdict import Verdict


def cancelled(cancellations: Sequence[Cancellation], consumers: Sequence[tuple[Channel, str]]) -> Verdict:
    """Each consumer was told that its subscription has ended, in this order."""
    seen = [(each.channel, each.tag) for each in cancellations]
    right = seen == list(consumers)
    return Verdict(right, "basic.cancel for each consumer", "one for each" if right else f"for {seen}")


def dropped_within(heartbeats: int, interval: int | None, took: float) -> Verdict:
    """The broker dropped the silent client in time.

    A broker checks once in each interval, and its checks are not in step with the silence: the check that finds
    the last missed heartbeat may come up to one interval later.
    """
    expected = f"dropped within {heartbeats} heartbeats of {interval} s and one more interval"
    limit = float((heartbeats + 1) * (interval or 0))
    return Verdict(0 < took <= limit, expected, f"{took:.2f} s")
