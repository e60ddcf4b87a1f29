"""What the tap tells: one event for each thing that passed on the wire, or that the tap itself did."""

import enum
from dataclasses import dataclass

import pamqp.base
import pamqp.commands

from .frames import Frame


class Side(enum.StrEnum):
    """The two ends of a connection; of a frame, the one that sent it."""

    CLIENT = "client"
    BROKER = "broker"

    @property
    def other(self) -> "Side":
        return Side.BROKER if self is Side.CLIENT else Side.CLIENT


class Say(enum.StrEnum):
    """The names of the tap's own events."""

    CONNECTED = "Tap.Connected"
    """Both ends are connected. Note: the client's address, "127.0.0.1:43210"."""
    REFUSED = "Tap.Refused"
    """No broker behind the tap; the client's connection was reset. Note: why."""
    DISCONNECTED = "Tap.Disconnected"
    """A side has ended. Note: which and how, "closed by the client". Told once for a connection, at the first
    end; what the other side had under way may follow. In a black hole neither end learns of the other's,
    so it is told for each."""
    CUT = "Tap.Cut"
    """The tap ended it, the last event of a connection. Note: "FIN" or "RST"."""
    FAILED = "Tap.Failed"
    """A rule raised an exception, and the frame went on as it was. Note: on which, and why."""
    NOTED = "Tap.Noted"
    """Something worth knowing that is no frame. Note: what."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message carries, put together from its header and its body frames."""

    properties: pamqp.commands.Basic.Properties
    body: bytes


@dataclass(frozen=True, slots=True)
class WireEvent:
    """One thing that happened on the wire.

    A frame is told once it has been forwarded, as its receiver sees it: a rewritten one in its new form, a
    held one when it is released, a dropped or swallowed one never. A method that bears content is told once,
    when the whole of its body has passed.
    """

    at: float
    """When its last byte reached the tap, in seconds of time.monotonic(); for a frame that was held or
    delayed this is before its receiver could know of it."""
    connection: int
    """Numbered from 1 within the tap; 0 where the tap speaks of itself."""
    channel: int
    """0 where it has none."""
    sender: Side | None
    """None: the tap itself speaks."""
    name: str
    """As in `Frame.name`, or one of `Say`."""
    frame: Frame | None = None
    content: Content | None = None
    """For Basic.Publish, Deliver, GetOk and Return; None there only where the content could not be put
    together, which a Tap.Noted then tells."""
    note: str = ""
    """For the tap's own events. Bounded, and with everything that is not printable ASCII escaped."""

    @property
    def method(self) -> pamqp.base.Frame | None:
        """The method with its fields; None where it is none, or none that pamqp can decode."""
        decoded = self.frame.decode() if self.frame is not None else None
        return decoded if isinstance(decoded, pamqp.base.Frame) else None


def quoted(text: object) -> str:
    """Someone else's words, cut to length and escaped, to be shown in a note."""
    return ascii(str(text)[:200])[1:-1][:200]
