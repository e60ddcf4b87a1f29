"""The history: all events of a test in one list, and waiting for one of them."""

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
    """The party: `worker 1`, `producer 2`, `client 1`, `broker`, `suite`."""
    what: str
    """An AMQP method (`Basic.Deliver`); an event of the wire tap (`Tap.Cut`); of the party's process: `started`,
    `output`, `signal`, `exited`; of the broker: `unreachable`, `reachable`; of the suite: `sent`."""
    text: str = ""
    """A line of output, a signal's name, an exit status, a note."""
    wire: WireEvent | None = None
    """What the tap saw; None if the event is not from the tap."""


class History:
    """The events of one test, in the order in which they were seen.

    The tap's thread and the threads that watch processes add events; the test's thread asks questions.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._events: list[Event] = []
        self._changed = threading.Condition()

    def add(self, who: str, what: str, text: str = "") -> None:
        """Adds an event that did not come over the wire."""
        self._append(Event(time.monotonic() - self._began, who, what, text))

    def add_wire(self, who: str, wire: WireEvent) -> None:
        """Adds what the tap in front of the party `who` saw."""
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
        """Asks the question after each new event until its answer is true or `within` seconds are over.

        Returns the last answer, true or not.
        """
        deadline = time.monotonic() + within
        events = self.events
        while not (answer := question(events)):
            newer = self._newer(events, deadline)
            # Events may come faster than the question is answered: the deadline ends the wait all the same.
            if newer is None or time.monotonic() > deadline:
                break
            events = newer
        return answer

    def _newer(self, than: Sequence[Event], deadline: float) -> Sequence[Event] | None:
        """All events, as soon as there are new ones; None if there are none by the deadline."""
        with self._changed:
            more = self._changed.wait_for(lambda: len(self._events) > len(than), deadline - time.monotonic())
            return tuple(self._events) if more else None
