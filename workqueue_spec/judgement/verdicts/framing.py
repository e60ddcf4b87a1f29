"""How large the frames of a program are, and what it agreed to with the broker."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..ledger import Ledger
from .verdict import Verdict

LEAST_FRAME_MAX = 8192
"""Bytes that a client has to agree to, or the broker refuses it: so RabbitMQ from 4.1 on."""
HEAD_AND_END = 8
"""Bytes of a frame beside its payload. A program may take frame_max for the size of the payload, as older clients
do: RabbitMQ accepts that."""


@dataclass(slots=True)
class FrameSizes:
    """The frames of a program on one of its connections, in bytes."""

    offered: int
    """The frame_max that the broker offered."""
    agreed: int | None = None
    """The frame_max that the program answered, 0 for no limit; None until it has answered."""
    largest: int = 0
    """The largest frame that the program has sent since then."""


def keeps_to_frame_max(connections: Sequence[FrameSizes]) -> Verdict:
    """The program answered no more than the frame_max that it was offered, and sent no larger frame."""
    agreed = [each for each in connections if each.agreed is not None]
    expected = f"no frame_max above the {_bytes(connections)} offered, and no frame above what was agreed"
    for each in agreed:
        answer = each.agreed or 0
        if answer > each.offered:
            return Verdict(False, expected, f"it answered a frame_max of {answer} bytes")
        limit = answer or each.offered
        if each.largest > limit + HEAD_AND_END:
            return Verdict(False, expected, f"agreed on {limit}, it sent a frame of {each.largest} bytes")
    largest = max((each.largest for each in agreed), default=0)
    return Verdict(bool(agreed), expected, f"{len(agreed)} connections, no frame above {largest} bytes")


def _bytes(connections: Sequence[FrameSizes]) -> str:
    return f"{connections[0].offered} bytes" if connections else "frame_max"


def large_enough_frame_max(ledger: Ledger) -> Verdict:
    """The program answered a frame_max of at least LEAST_FRAME_MAX on each of its connections, or all that the
    broker offered.
    """
    expected = f"a frame_max of at least {LEAST_FRAME_MAX} bytes in tune-ok, or 0 for no limit"
    agreed = [each for each in ledger.greetings if each.frame_max is not None]
    for each in agreed:
        least = min(LEAST_FRAME_MAX, each.frame_max_offered or LEAST_FRAME_MAX)
        if each.frame_max and each.frame_max < least:
            return Verdict(False, expected, f"{each.who} answered {each.frame_max}")
    seen = sorted({each.frame_max or 0 for each in agreed})
    return Verdict(bool(agreed), expected, " and ".join(map(str, seen)) or "no tune-ok")
