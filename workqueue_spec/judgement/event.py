"""An event: something that happened to one of the parties of a test."""

from dataclasses import dataclass

from ..wiretap import WireEvent


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one of the parties."""

    at: float
    """Seconds since the history began."""
    who: str
    """The party: `worker 1`, `producer 2`, `client 1`, `broker`, `suite`."""
    what: str
    """An AMQP method (`Basic.Deliver`); an event of the wire tap (`Tap.Cut`); of the party's process: `started`,
    `output`, `signal`, `exited`; of the broker: `unreachable`, `reachable`; of the suite: `sent`; of a storm: see
    `storm.py`."""
    text: str = ""
    """A line of output, a signal's name, an exit status, a note, why the broker is unreachable."""
    wire: WireEvent | None = None
    """What the tap saw; None if the event is not from the tap."""
