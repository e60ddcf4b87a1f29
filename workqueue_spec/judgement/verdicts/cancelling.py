"""How a broker ends what a client has with it."""

from collections.abc import Sequence

from ..ledger import Cancellation, Channel
from .verdict import Verdict


def cancelled(cancellations: Sequence[Cancellation], consumers: Sequence[tuple[Channel, str]]) -> Verdict:
    """Each consumer was told that its subscription has ended."""
    seen = [(each.channel, each.tag) for each in cancellations]
    right = seen == list(consumers)
    return Verdict(right, "basic.cancel for each consumer", "so it was" if right else f"for {seen}")


def dropped_within(heartbeats: int, interval: int | None, took: float) -> Verdict:
    """The client was dropped in time.

    A broker looks once in each interval, and its looks are not in step with the silence: the last one that is
    in time may come an interval after the last heartbeat that was missed.
    """
    expected = f"dropped within {heartbeats} heartbeats of {interval} s, and the next look"
    limit = float((heartbeats + 1) * (interval or 0))
    return Verdict(0 < took <= limit, expected, f"{took:.2f} s")
