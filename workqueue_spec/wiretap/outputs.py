"""What the core of a connection asks for: the commands that a relay carries out, and the events to tell."""

from typing import NamedTuple, TypeAlias

from .events import Side, WireEvent


class Connect(NamedTuple):
    """Connect to the broker."""


class Write(NamedTuple):
    """Send bytes to a side now, or lose them if its endpoint is closed."""

    to: Side
    data: bytes


class WriteEof(NamedTuple):
    """Send a FIN to a side after what was written; what that side still sends is read."""

    to: Side


class Close(NamedTuple):
    """Close the endpoint of a side after what was written, with a FIN or a RST."""

    side: Side
    reset: bool = False


class Sever(NamedTuple):
    """Close both endpoints at once, with a FIN or a RST. What was still to be written or read is lost."""

    reset: bool


class Discard(NamedTuple):
    """Lose what is delayed in either direction, and read on from both sides."""


Command: TypeAlias = Connect | Write | WriteEof | Close | Sever | Discard


class Outputs(NamedTuple):
    """What one input makes necessary. The commands come first: an event is told once it has happened."""

    commands: list[Command]
    events: list[WireEvent]
