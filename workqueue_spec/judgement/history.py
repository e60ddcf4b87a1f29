"""What was seen: one list of events, and waiting for one of them."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..wiretap import WireEvent

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Event:
    """Something that happened to one of the parties."""

    at: float
    """Seconds since the history began."""
    who: str
    """The party: `worker 1`, `producer 2`, `client 1`, `broker`."""
    what: str
    """An AMQP method (`Basic.Deliver`), an act of the wire tap (`Tap.Cut`), or of the party's process:
    `started`, `output`, `signal`, `exited`; or of the broker: `restarted`, `killed`."""
    text: str = ""
    """A line of output, a signal's name, an exit status, a note."""
    wire: WireEvent | None = None
    """What the tap saw, where the tap saw it."""


class History:
    """The events of one test, in the order in which they were seen.

    Events come from the tap's thread and from those that watch processes; questions come from the test's.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._events: list[Event] = []
        self._changed = threading.Condition()

    def add(self, who: str, what: str, text: str = "") -> None:
        """Notes something that did not come over the wire."""
        self._append(Event(time.monotonic() - self._began, who, what, text))

    def add_wire(self, who: str, wire: WireEvent) -> None:
        """Notes what the tap in front of `who` saw."""
        self._append(Event(wire.at - self._began, who, wire.name, wire.note, wire))

    def _append(self, event: Event) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    @property
    def events(self) -> Sequence[Event]:
        """What has happened so far."""
        with self._changed:
            return tuple(self._events)

    @property
    def now(self) -> float:
        """Seconds since the history began."""
        return time.monotonic() - self._began

    def wait(self, question: Callable[[Sequence[Event]], Answer], within: float) -> Answer:
        """Asks the question again after each event until its answer is true, or `within` seconds are over.

        Returns the last answer, true or not.
        """
        deadline = time.monotonic() + within
        events = self.events
        while not (answer := question(events)):
            newer = self._newer(events, deadline)
            if (
                newer is None or time.monotonic() > deadline
            ):  # events may come faster than they are asked about
                break
            events = newer
        return answer

    def _newer(self, than: Sequence[Event], deadline: float) -> Sequence[Event] | None:
        """The events, once there are more; None when there are no more by the deadline."""
        with self._changed:
            more = self._changed.wait_for(lambda: len(self._events) > len(than), deadline - time.monotonic())
            return tuple(self._events) if more else None
