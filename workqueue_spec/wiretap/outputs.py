"""What the core of a connection asks for: the commands that a relay carries out, and the events to tell."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from .events import Side, WireEvent


@dataclass(slots=True)
class Connect:
    """Connect to the broker."""


@dataclass(slots=True)
class Write:
    """Send bytes to a side now, or lose them if its endpoint is closed."""

    to: Side
    data: bytes


@dataclass(slots=True)
class WriteEof:
    """Send a FIN to a side after what was written; what that side still sends is read."""

    to: Side


@dataclass(slots=True)
class Close:
    """Close the endpoint of a side after what was written, with a FIN or a RST."""

    side: Side
    reset: bool = False


@dataclass(slots=True)
class Sever:
    """Close both endpoints at once, with a FIN or a RST. What was still to be written or read is lost."""

    reset: bool


@dataclass(slots=True)
class Discard:
    """Lose what is delayed in either direction, and read on from both sides."""


Command: TypeAlias = Connect | Write | WriteEof | Close | Sever | Discard


class Outputs(NamedTuple):
    """What one input makes necessary. The commands come first: an event is told once it has happened."""

    commands: list[Command]
    events: list[WireEvent]
