"""How a program under test makes, keeps and loses its connections and its subscription."""

from collections.abc import Sequence

from ...judgement.history import Event
from ...judgement.ledger import Ledger
from ...judgement.verdicts import Broken, Kind
from ...judgement.verdicts.leaking import OpenResources, left_open
from ...judgement.verdicts.protocol import consuming_connections
from ...timeouts import EVENTUALLY
from ...wiretap import Side
from .party import final
from .program import Program

LONGEST_DELAY = 30.0
"""Seconds up to which client libraries let the delay between two attempts to connect grow. Such a delay may begin
right before the broker is back."""


class ConnectedProgram(Program):
    """A program that takes tasks for as long as it runs, and so has to keep its connection."""

    # Connections

    @property
    def open_at_the_broker(self) -> OpenResources:
        """Its connections, channels, subscriptions and queues of its own that are open now."""
        return left_open(self._events())

    def open_connections(self) -> set[int]:
        """The numbers of its open connections on which it takes tasks."""
        open_now = {each.connection for each in self.open_at_the_broker}
        return {number for _, number in consuming_connections(self.ledger)} & open_now

    @property
    def heartbeat(self) -> int:
        """The longest heartbeat, in seconds, that it agreed to on the connections on which it takes tasks; 0 if
        one of them has none.
        """
        book = self.ledger
        taking = consuming_connections(book)
        settled = [each.heartbeat or 0 for each in book.greetings if each.connection in taking or not taking]
        return 0 if 0 in settled else max(settled)

    def tries_to_connect(self, times: int) -> bool:
        """Waits until it has tried to connect this many times, or has ended. Returns whether it has tried so often;
        raises Broken if it does neither.
        """

        def tried() -> tuple[bool, Event | None]:
            return len(self.history.events_of(self.name, "Tap.Connected")) >= times, self._end()

        enough, end = self.history.wait(lambda _: final(tried()), EVENTUALLY) or (False, None)
        if not enough and end is None:
            raise Broken(
                f"{self.name} tries to connect {times} times, or ends",
                f"it did neither within {EVENTUALLY:.0f} s",
            )
        return enough

    def loses_its_connections(self) -> float:
        """Waits until none of its present connections is open any more. Returns the time of the history; raises
        nothing if some stay open.
        """
        before = self.open_at_the_broker
        self.history.wait(lambda _: not before & self.open_at_the_broker, EVENTUALLY)
        return self.history.now

    def connects_again(self, after: float, delay: float = 0.0, since: float | None = None) -> bool:
        """Waits until the broker has opened a connection for it later than the time `after`, or until it has ended.
        Returns whether the broker has; it may take `delay` seconds longer than anything usually may, as for
        `comes_back`.
        """

        def connected() -> tuple[bool, Event | None]:
            opened = self.history.events_of(self.name, "Connection.OpenOk")
            return any(event.at > after for event in opened), self._end()

        left = self._time_left(delay, since)
        again, _ = self.history.wait(lambda _: final(connected()), left) or (False, None)
        return again

    def closes(self, connections: set[int]) -> list[float | None]:
        """Waits until it has closed these connections. Returns when, and None for each that is still open."""

        def closed(events: Sequence[Event]) -> dict[int, float]:
            return {
                event.wire.connection: event.at
                for event in events
                if event.who == self.name
                and event.wire is not None
                and event.what == "Tap.Disconnected"
                and event.text.endswith("by the client")
            }

        self.history.wait(lambda events: connections <= set(closed(events)), EVENTUALLY)
        times = closed(self.history.events)
        return [times.get(each) for each in sorted(connections)]

    # Subscriptions

    def loses_its_subscription(self) -> float | None:
        """Waits until the broker has cancelled its subscription or closed its channel. Returns when; None if it
        settles all it has before that, or if the broker does neither.
        """

        def lost(book: Ledger) -> list[float]:
            closed = [end.at for end in book.closed if end.by is Side.BROKER]
            return closed + [cancellation.at for cancellation in book.cancellations]

        def asked(_: object) -> bool:
            book = self.history.ledger(self.name)
            return bool(lost(book)) or all(each.held_until is not None for each in book.deliveries)

        self.history.wait(asked, EVENTUALLY)
        return next(iter(lost(self.ledger)), None)

    def keeps_its_subscription(self, after: float) -> bool:
        """Waits until it has acknowledged a task that came later than the time `after` over an older subscription,
        or until it takes tasks again by another, or has ended. Returns whether it has acknowledged such a task.
        """

        def kept() -> bool:
            return any(each.at > after and each.acknowledged for each in self.ledger.deliveries)

        def decided(_: object) -> str:
            return "comes back or ends" if self._back_or_ended(after) else "keeps it" if kept() else ""

        return self.history.wait(decided, self._time_left(0.0, after)) == "keeps it"

    def joins(self, delay: float) -> bool:
        """Waits until it takes tasks, or has ended. Returns whether it takes tasks; raises Broken if it does
        neither. It may take `delay` seconds longer than anything usually may.
        """
        return self.comes_back(after=0.0, delay=delay)

    def comes_back(self, after: float, delay: float = 0.0, *, since: float | None = None) -> bool:
        """Waits until it takes tasks again (its subscription or its fetch is answered) later than the time `after`,
        or has ended. Returns whether it takes tasks; raises Broken if it does neither. It may take `delay` seconds
        longer than anything usually may.

        That time counts from `since`, when it could first come back, or else from now. So nobody waits twice for
        the same worker.
        """
        back = self.is_back(after, delay, since)
        if back is None:
            raise Broken(
                f"{self.name} asks for tasks again, or ends",
                f"it did neither within {delay + EVENTUALLY:.0f} s; all it sent was {self._sent_after(after)}",
                kind=Kind.NOT_BACK,
            )
        return back

    def is_back(self, after: float, delay: float = 0.0, since: float | None = None) -> bool | None:
        """The same as `comes_back`, but returns None if it neither takes tasks nor ends in time."""
        answer = self.history.wait(lambda _: self._back_or_ended(after), self._time_left(delay, since))
        return answer == "back" if answer else None

    def _back_or_ended(self, after: float) -> str:
        """Whether it has "ended", or is "back": takes tasks again later than the time `after`. Empty: neither."""
        ended = self._end() is not None
        fetched = any(
            event.at > after
            for what in ("Basic.GetOk", "Basic.GetEmpty")
            for event in self.history.events_of(self.name, what)
        )
        back = fetched or any(each.at > after for each in self.ledger.consumers)
        return "ended" if ended else "back" if back else ""

    def _time_left(self, delay: float, since: float | None) -> float:
        within = delay + EVENTUALLY
        return within if since is None else max(0.0, within - (self.history.now - since))

    def _sent_after(self, after: float) -> str:
        """The names of the methods that it has sent since then, as evidence."""
        wires = [event.wire for event in self._events() if event.at > after]
        names = [wire.name for wire in wires if wire is not None and wire.sender is Side.CLIENT]
        return ", ".join(dict.fromkeys(name for name in names if name != "Heartbeat")) or "nothing"
