"""What the tap tells: one event for each thing that passed on a connection, or that the tap itself did."""

import enum
from typing import NamedTuple

import pamqp.base
import pamqp.commands

from .frames import Frame


class Side(enum.StrEnum):
    """The two sides of a connection; of a frame, the side that sent it."""

    CLIENT = "client"
    BROKER = "broker"

    @property
    def other(self) -> "Side":
        """The opposite side."""
        return Side.BROKER if self is Side.CLIENT else Side.CLIENT


class Say(enum.StrEnum):
    """The names of the tap's own events."""

    CONNECTED = "Tap.Connected"
    """Both sides are connected. Note: the host and port of the client, "127.0.0.1:43210"."""
    REFUSED = "Tap.Refused"
    """The tap could not connect to the broker; the client's connection was reset. Note: why."""
    DISCONNECTED = "Tap.Disconnected"
    """A side has closed or reset. Note: which side and how, "closed by the client". Told once for a connection,
    for the side that does it first; what the other side had under way may follow. In a black hole neither side
    learns of it, so it is told for each side."""
    CUT = "Tap.Cut"
    """The tap ended the connection; this is its last event. Note: "FIN" or "RST"."""
    FAILED = "Tap.Failed"
    """A rule raised an exception, and the frame was forwarded as it was. Note: on which frame, and why."""
    FLOODED = "Tap.Flooded"
    """More passed than the tap's limit allows: all connections are cut, and new ones refused. Note: how much."""
    NOTED = "Tap.Noted"
    """Anything else that helps to understand what passed. Note: what."""


class Content(NamedTuple):
    """The properties and the body of a message, put together from its header and body frames."""

    properties: pamqp.commands.Basic.Properties
    body: bytes


class WireEvent(NamedTuple):
    """One thing that happened on a connection.

    A frame is told once it has been forwarded, as its receiver sees it: a rewritten frame in its new form, a
    held frame when it is released, a dropped or swallowed frame never. A method that bears content is told
    once, when its whole body has passed.
    """

    at: float
    """When the last byte reached the tap, in seconds of time.monotonic(); if a frame was held or delayed, this
    is before its receiver could know of it."""
    connection: int
    """Numbered from 1 within the tap; 0 if the event belongs to no connection."""
    channel: int
    """0 if it has none."""
    sender: Side | None
    """None: it is the tap's own event."""
    name: str
    """As in `Frame.name`, or one of `Say`."""
    frame: Frame | None = None
    """Of the tap's own events only the note that a frame is held back has one: this frame."""
    content: Content | None = None
    """For Basic.Publish, Deliver, GetOk and Return. There it is None only if the content could not be put
    together; a Tap.Noted then says why."""
    note: str = ""
    """For the tap's own events. At most 200 characters of a stranger's text, all of it printable ASCII."""

    @property
    def method(self) -> pamqp.base.Frame | None:
        """The method with its fields; None if it is no method, or none that pamqp can decode."""
        decoded = self.frame.decode() if self.frame is not None else None
        return decoded if isinstance(decoded, pamqp.base.Frame) else None


def quoted(text: object) -> str:
    """A stranger's text, cut to 200 characters and escaped, to be shown in a note."""
    return ascii(str(text)[:200])[1:-1][:200]
