"""The history: all events of a test in one list, waiting for events, and the ledgers that are read from them."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

from ..wiretap import Say, WireEvent
from .event import Event
from .ledger import Ledger, Reader
from .unread import Unread
from .verdicts import Broken

__all__ = ["Event", "Events", "History"]

Answer = TypeVar("Answer")


class Events(Sequence[Event]):
    """The first events of a list that only grows: it never changes, and making it copies nothing."""

    __slots__ = ("_growing", "_length")

    def __init__(self, growing: list[Event]) -> None:
        self._growing = growing
        self._length = len(growing)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Event]:
        return itertools.islice(self._growing, self._length)

    @overload
    def __getitem__(self, index: int) -> Event: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...

    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        numbers = range(self._length)[index]
        if isinstance(numbers, int):
            return self._growing[numbers]
        return tuple(self._growing[number] for number in numbers)


class History:
    """The events of one test, in the order in which they were seen.

    The tap's thread and the threads that watch processes add events; the test's thread asks questions. What
    `events`, `events_of` and `ledger` return costs no more, however long the history is, than what is new since
    they were asked last.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._events: list[Event] = []
        self._of: dict[tuple[str, str | None], list[Event]] = {}
        """The events of each party, and of each party and `what`."""
        self._changed = threading.Condition()
        self._flood: Broken | None = None
        self._readers: dict[str | None, tuple[Reader, Unread[Event]]] = {}
        # Not the lock of `_changed`: the tap's thread need not wait while frames are decoded.
        self._reading = threading.Lock()

    def add(self, who: str, what: str, text: str = "") -> None:
        """Adds an event that did not come over the wire."""
        self._append(Event(time.monotonic() - self._began, who, what, text))

    def add_wire(self, who: str, wire: WireEvent) -> None:
        """Adds what the tap in front of the party `who` saw."""
        if wire.name == Say.FLOODED:
            self._flood = Broken(f"{who} stays within bounds", f"the program floods: {wire.note} in one test")
        self._append(Event(wire.at - self._began, who, wire.name, wire.note, wire))

    def _append(self, event: Event) -> None:
        with self._changed:
            self._events.append(event)
            self._of.setdefault((event.who, None), []).append(event)
            self._of.setdefault((event.who, event.what), []).append(event)
            self._changed.notify_all()

    @property
    def events(self) -> Sequence[Event]:
        """What has happened so far."""
        return Events(self._events)

    @property
    def growing(self) -> list[Event]:
        """The list of all events, which grows: for those who read each event once, by `Unread`."""
        return self._events

    def events_of(self, who: str, what: str | None = None) -> Sequence[Event]:
        """What has happened so far to one party; only its events of one kind if `what` is given."""
        return Events(self._of.get((who, what), []))

    def ledger(self, who: str | None = None) -> Ledger:
        """The living ledger of one party, or of all parties if `who` is None.

        It is always the same object. It is up to date when it is returned, and grows when the ledger of that
        party is asked for again; its deliveries and publications are completed then. For a ledger that stays as
        it is, read `ledger(history.events, who)`.
        """
        with self._reading:
            if who not in self._readers:
                events = self._events if who is None else self._of.setdefault((who, None), [])
                self._readers[who] = Reader(), Unread(events)
            reader, unread = self._readers[who]
            for event in unread:
                reader.read(event)
            return reader.ledger

    @property
    def now(self) -> float:
        """Seconds since the history began."""
        return time.monotonic() - self._began

    def wait(self, question: Callable[[Sequence[Event]], Answer], within: float) -> Answer:
        """Asks the question after each new event until its answer is true or `within` seconds are over.

        Returns the last answer, true or not. The question is given all events so far. Raises Broken, whatever the
        answer, if a program has flooded since: its tap lets nothing pass any more, so the answer is out of place.
        """
        deadline = time.monotonic() + within
        events = self.events
        while not (answer := question(events)) and self._flood is None:
            newer = self._newer(events, deadline)
            # Events may come faster than the question is answered: the deadline ends the wait all the same.
            if newer is None or time.monotonic() > deadline:
                break
            events = newer
        if self._flood is not None:
            flood, self._flood = self._flood, None
            raise flood
        return answer

    def _newer(self, than: Sequence[Event], deadline: float) -> Sequence[Event] | None:
        """All events, as soon as there are new ones; None if there are none by the deadline."""
        with self._changed:
            more = self._changed.wait_for(lambda: len(self._events) > len(than), deadline - time.monotonic())
            return self.events if more else None
