"""How often something is tried again."""

from collections.abc import Sequence

from .verdict import Kind, Verdict

MOST_PER_SECOND = 10
"""Attempts in any one second that are not yet a hot loop. The quick retries of a client library, for example over
the addresses of a host's name, are a handful. A loop without a delay makes hundreds on loopback."""


def no_hot_loop(attempts: Sequence[float], to_do: str) -> Verdict:
    """It was tried at least once, and at most MOST_PER_SECOND times in any second."""
    most, times, end = 0, sorted(attempts), 0
    for start, at in enumerate(times):
        while end < len(times) and times[end] - at < 1:
            end += 1
        most = max(most, end - start)
    expected = f"at least one attempt to {to_do}, and at most {MOST_PER_SECOND} in any second"
    seen = f"{most} in one second, {len(attempts)} in all"
    kind = Kind.HOT_LOOP if most > MOST_PER_SECOND else None
    return Verdict(0 < most <= MOST_PER_SECOND, expected, seen, kind=kind)
