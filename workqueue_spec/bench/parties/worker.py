"""The worker under test: what it is waited for, and how it is ended."""

import signal
from collections.abc import Sequence

from ...judgement.history import Event
from ...judgement.ledger import Delivery, Ledger, ledger
from ...judgement.tasks import Task
from ...judgement.verdicts import Broken, NotJudged
from ...judgement.verdicts.failing import no_longer_held
from ...judgement.verdicts.leaking import Open, left_open
from ...judgement.verdicts.protocol import connections_taking
from ...programs.process import KEPT_LINES, KEPT_OUTPUT
from ...timeouts import EVENTUALLY
from ...wiretap import Side
from .party import final
from .program import Program

SUPERVISORS_GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL, as `docker stop` has it; Kubernetes gives thirty."""

LONGEST_DELAY = 30.0
"""Seconds to which client libraries let the delay between two attempts to connect grow. One may have begun right
before the broker is back."""


class Worker(Program):
    """A worker under test."""

    queue: str | None = None
    """Where its tasks are, so that other queues of its own are none of the suite's business; None: unknown."""

    def _book(self, events: Sequence[Event]) -> Ledger:
        book = super()._book(events)
        return book if self.queue is None else book.about(self.queue)

    def asks_for_tasks(self, within: float) -> None:
        """Waits until it has subscribed, or has fetched for the first time."""
        of = "" if self.queue is None else f" of '{self.queue}'"
        self._eventually(_asked, f"{self.who} asks for tasks{of}", within)

    def declares(self, within: float) -> bool:
        """Waits until it has declared a queue, and says so; or until it has asked for tasks without."""

        def begun(book: Ledger) -> bool:
            return bool(book.consumers or book.fetches or any(not each.passive for each in book.declarations))

        self._eventually(begun, f"{self.who} declares a queue or asks for tasks", within)
        return any(not each.passive for each in self.ledger.declarations)

    def joins(self, start: float) -> bool:
        """Waits until it is given tasks, and says so; or until it has ended. Broken if it does neither.

        `start` is the seconds that it may take until it asks for them.
        """
        return self.comes_back(after=0.0, delay=start)

    def comes_back(self, after: float, delay: float = 0.0) -> bool:
        """Waits until it is given tasks anew (its subscription or its fetch is answered) after that time, and
        says so; or until it has ended. Broken if it does neither.

        `delay` is the seconds that it may let pass before an attempt.
        """
        back = self.is_back(after, delay)
        if back is None:
            raise Broken(
                f"{self.who} asks for tasks again, or ends",
                f"it did neither within {delay + EVENTUALLY:.0f} s; all it sent was {self._sent(after)}",
            )
        return back

    def is_back(self, after: float, delay: float = 0.0) -> bool | None:
        """The same, but None if the worker does neither in time."""

        def answered(events: Sequence[Event]) -> str:
            later = [event for event in events if event.at > after]
            ended = self._end(events) is not None
            fetched = any(
                event.who == self.who and event.what in ("Basic.GetOk", "Basic.GetEmpty") for event in later
            )
            back = fetched or any(each.at > after for each in self._book(events).consumers)
            return "ended" if ended else "back" if back else ""

        answer = self.history.wait(answered, delay + EVENTUALLY)
        return answer == "back" if answer else None

    def connects_again(self, after: float, delay: float = 0.0) -> bool:
        """Waits until the broker has let it in after that time, or until it has ended, and says whether it was
        let in. `delay` as for `comes_back`.
        """

        def let_in(events: Sequence[Event]) -> tuple[bool, Event | None]:
            mine = (event for event in events if event.who == self.who and event.at > after)
            return any(event.what == "Connection.OpenOk" for event in mine), self._end(events)

        again, _ = self.history.wait(lambda events: final(let_in(events)), delay + EVENTUALLY) or (
            False,
            None,
        )
        return again

    def _sent(self, after: float) -> str:
        """The names of what it has sent since, as evidence."""
        mine = [event.wire for event in self.history.events if event.who == self.who and event.at > after]
        names = [wire.name for wire in mine if wire is not None and wire.sender is Side.CLIENT]
        return ", ".join(dict.fromkeys(name for name in names if name != "Heartbeat")) or "nothing"

    def receives_body(self, body: bytes) -> Delivery:
        """Waits until a message with exactly this body is delivered to it."""

        def exactly(book: Ledger) -> list[Delivery]:
            return [delivery for delivery in book.deliveries if delivery.body == body]

        return self._eventually(exactly, f"{self.who} receives a body of {len(body)} bytes")[-1]

    def said(self) -> list[str]:
        """The lines of its output so far. Raises NotJudged where it has written more than is kept."""
        if self.process.output_is_cut:
            raise NotJudged(f"{self.who} writes more than {KEPT_OUTPUT} bytes or {KEPT_LINES} lines")
        events = self.history.events
        return [event.text for event in events if event.who == self.who and event.what == "output"]

    def loses_its_subscription(self) -> float | None:
        """Waits until the broker cancels its subscription or closes its channel, and says when; None where it
        settles all it has before, or the broker lets it be.
        """

        def lost(book: Ledger) -> list[float]:
            closed = [end.at for end in book.closed if end.by is Side.BROKER]
            return closed + [cancellation.at for cancellation in book.cancellations]

        def asked(events: Sequence[Event]) -> bool:
            book = ledger(events, self.who)
            return bool(lost(book)) or all(each.held_until is not None for each in book.deliveries)

        self.history.wait(asked, EVENTUALLY)
        return next(iter(lost(self.ledger)), None)

    def runs_on(self, seconds: float) -> None:
        """Watches for so long that it does not end."""
        if ended := self.history.wait(self._end, seconds):
            raise Broken(f"{self.who} goes on running", f"it ended {ended.text}")

    def leaves(self) -> tuple[int, float]:
        """Its exit status once it has ended, and the seconds since it was last signalled."""
        status = self.exit_status()
        return status, self.is_gone()

    def is_gone(self, work: float = 0.0) -> float:
        """Waits until it has ended, and says how many seconds after it was last signalled that was. `work` is the
        seconds that it may have to work first. What its tap saw last may follow.
        """
        if self.process.exit_status(EVENTUALLY + work) is None:
            raise Broken(f"{self.who} ends", f"still running after {EVENTUALLY + work:.0f} s")
        mine = [event for event in self.history.events if event.who == self.who]
        signalled = max(event.at for event in mine if event.what == "signal")
        return max(event.at for event in mine if event.what == "exited") - signalled

    def tries_to_connect(self, times: int) -> bool:
        """Waits until it has tried to connect that often, and says so; or until it has ended. Broken if it does
        neither.
        """

        def tried(events: Sequence[Event]) -> tuple[bool, Event | None]:
            made = [event for event in events if event.who == self.who and event.what == "Tap.Connected"]
            return len(made) >= times, self._end(events)

        enough, end = self.history.wait(lambda events: final(tried(events)), EVENTUALLY) or (False, None)
        if not enough and end is None:
            raise Broken(
                f"{self.who} tries to connect {times} times, or ends",
                f"it did neither within {EVENTUALLY:.0f} s",
            )
        return enough

    def is_stopped_by_a_supervisor(self, by: signal.Signals = signal.SIGTERM) -> None:
        """This signal, and SIGKILL if it is still there after the grace that a supervisor gives."""
        self.process.signal(by)
        if self.process.exit_status(SUPERVISORS_GRACE) is None:
            self.kill()
        else:
            self.exit_status()

    @property
    def heartbeat(self) -> int:
        """The longest heartbeat that it has settled for where it takes tasks, in seconds; 0 if one of these
        connections has none.
        """
        book = self.ledger
        where = connections_taking(book)
        settled = [each.heartbeat or 0 for each in book.greetings if each.connection in where or not where]
        return 0 if 0 in settled else max(settled)

    @property
    def seconds_to_start(self) -> float:
        """What passed from its start until it first asked for tasks."""
        mine = [event for event in self.history.events if event.who == self.who]
        started = next(event.at for event in mine if event.what == "started")
        return _asked(self.ledger)[0] - started

    def open_connections(self) -> set[int]:
        """The numbers of its connections that are open now, and over which it takes tasks."""
        there = {each.connection for each in self.left_open}
        return {number for _, number in connections_taking(self.ledger)} & there

    @property
    def left_open(self) -> Open:
        """All that it has open at the broker now."""
        return left_open([event for event in self.history.events if event.who == self.who])

    def has_tried(self, tasks: Sequence[Task]) -> None:
        """Waits until it has had each of the tasks and let it go, or has ended; but no longer than for anything
        promised.
        """

        def tried() -> bool:
            return all(no_longer_held(self.deliveries(task)[:1]) for task in tasks)

        self.history.wait(lambda _: tried() or not self.process.running, EVENTUALLY)

    def loses_its_connections(self) -> float:
        """Waits until none of the connections that it has now is open any more, and says when that was."""
        there = self.left_open
        self.history.wait(lambda _: not there & self.left_open, EVENTUALLY)
        return self.history.now

    def gives_up(self, connections: set[int]) -> list[float | None]:
        """Waits until it has closed these connections, and says when; None for each that is still open."""

        def closed(events: Sequence[Event]) -> dict[int, float]:
            return {
                event.wire.connection: event.at
                for event in events
                if event.who == self.who
                and event.wire is not None
                and event.what == "Tap.Disconnected"
                and event.text.endswith("by the client")
            }

        self.history.wait(lambda events: connections <= set(closed(events)), EVENTUALLY)
        times = closed(self.history.events)
        return [times.get(each) for each in sorted(connections)]

    def kill(self) -> None:
        """SIGKILL, and waits until it is gone."""
        self.process.signal(signal.SIGKILL)
        self.exit_status()


def _asked(book: Ledger) -> list[float]:
    """When tasks were asked for, by a subscription or a fetch."""
    return sorted([each.at for each in book.consumers] + [each.at for each in book.fetches])
