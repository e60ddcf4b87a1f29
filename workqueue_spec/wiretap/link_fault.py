"""A fault of the network that a connection meets from its beginning to its end."""

from collections.abc import Callable
from dataclasses import dataclass

from .events import Side


@dataclass(frozen=True, slots=True)
class LinkFault:
    """What the network does to what these sides of one connection send."""

    senders: frozenset[Side]
    delay: Callable[[], float] | None = None
    """Asked for each segment: the seconds by which it arrives later. The order is kept, so a segment may have to
    wait for the one before it."""
    bandwidth: float | None = None
    """The most bytes in a second, for each side by itself."""
    cut_after: int | None = None
    """The connection is reset as soon as that many bytes of these sides, counted together, were forwarded."""
    note: str = ""
    """Told as a `Say.NOTED` when the connection is connected; empty: nothing is told."""
