"""How often something is tried again."""

from collections.abc import Sequence

from .verdict import Verdict

MOST = 10
"""Attempts in any one second that are no hot loop yet. A client library's own quick retries, over the addresses
of a host's name, say, are a handful; a loop without a delay makes hundreds on loopback."""


def no_hot_loop(attempts: Sequence[float], to_do: str) -> Verdict:
    """It was tried, and no more often in any second than others can bear."""
    most = max((sum(0 <= other - at < 1 for other in attempts) for at in attempts), default=0)
    expected = f"at least one attempt to {to_do}, and at most {MOST} in any second"
    return Verdict(0 < most <= MOST, expected, f"{most} in one second, {len(attempts)} in all")
