"""Who takes part in a test. Each stands behind a tap of its own, so what it did is known by its name."""

import signal
from collections.abc import Callable, Sequence
from typing import Self, TypeVar

from .history import Event, History
from .ledger import Delivery, Ledger, Publication, ledger
from .patience import EVENTUALLY
from .program import LAST_WORDS, Program
from .tasks import Task
from .verdicts import Broken
from .wiretap import Tap

Answer = TypeVar("Answer")

GIVES_UP = 4 * EVENTUALLY
"""Seconds after which someone who can't do what they are asked has said so: a minute. A producer is run by
someone who waits, a person, a request or a scheduled job, and none of them waits longer for one task; a client
library's usual attempts and timeouts (most are 5 to 30 s) fit in."""


class Party:
    """Someone behind a tap, asked for what it did."""

    def __init__(self, who: str, tap: Tap, history: History, seconds_per_dot: float) -> None:
        self.who = who
        self.tap = tap
        self.history = history
        self._seconds_per_dot = seconds_per_dot

    @property
    def ledger(self) -> Ledger:
        """What it declared, published, took and settled so far."""
        return ledger(self.history.events, self.who)

    def deliveries(self, task: Task) -> list[Delivery]:
        """The deliveries of the task to this party so far."""
        return self.ledger.of(task.mark)

    def receives(self, task: Task) -> Delivery:
        """Waits until the task is delivered to it."""
        return self._eventually(lambda book: book.of(task.mark), f"{self.who} receives task {task.token}")[-1]

    def settles(self, task: Task) -> Delivery:
        """Waits until it holds the task no longer, whether it settled it, lost it or never had to."""

        def let_go(book: Ledger) -> list[Delivery]:
            return [delivery for delivery in book.of(task.mark) if delivery.held_until is not None]

        work = task.dots * self._seconds_per_dot
        return self._eventually(let_go, f"{self.who} settles task {task.token}", work)[0]

    def finishes(self, task: Task) -> Delivery:
        """Waits until it has acknowledged the task."""

        def acknowledged(book: Ledger) -> list[Delivery]:
            return [delivery for delivery in book.of(task.mark) if delivery.acknowledged]

        work = task.dots * self._seconds_per_dot
        return self._eventually(acknowledged, f"{self.who} acknowledges task {task.token}", work)[0]

    def _eventually(self, question: Callable[[Ledger], Answer], expected: str, work: float = 0.0) -> Answer:
        """The answer once it is true; broken if it is not in time, or can no longer become so."""

        def asked(events: Sequence[Event]) -> tuple[Answer, Event | None]:
            return question(ledger(events, self.who)), self._end(events)

        within = EVENTUALLY + work
        answer, end = self.history.wait(lambda events: _final(asked(events)), within) or asked(
            self.history.events
        )
        if answer:
            return answer
        if end is not None:
            raise Broken(expected, f"it ended {end.text}")
        raise Broken(expected, f"nothing of the kind within {within:.0f} s")

    def _end(self, events: Sequence[Event]) -> Event | None:
        return next((event for event in events if event.who == self.who and event.what == "exited"), None)


def _final(asked: tuple[Answer, Event | None]) -> tuple[Answer, Event | None] | None:
    return asked if asked[0] or asked[1] is not None else None


class Process(Party):
    """A program under test that runs."""

    def __init__(self, program: Program, tap: Tap, history: History, seconds_per_dot: float) -> None:
        super().__init__(program.who, tap, history, seconds_per_dot)
        self.program = program

    def exit_status(self, within: float = EVENTUALLY) -> int:
        """Its exit status, once it has ended and its tap has seen the last of it; broken if it runs on."""
        status = self.program.exit_status(within)
        if status is None:
            raise Broken(f"{self.who} ends", f"still running after {within:.0f} s")
        self.history.wait(lambda _: self.tap.connections == 0, LAST_WORDS)
        return status


class Worker(Process):
    """A worker under test."""

    def asks_for_tasks(self, within: float) -> None:
        """Waits until it has subscribed, or has fetched for the first time."""
        self._eventually(lambda book: book.consumers or book.fetches, f"{self.who} asks for tasks", within)

    def declares(self, within: float) -> bool:
        """Waits until it has declared a queue, and says so; or until it has asked for tasks without."""

        def begun(book: Ledger) -> bool:
            return bool(book.consumers or book.fetches or any(not each.passive for each in book.declarations))

        self._eventually(begun, f"{self.who} declares a queue or asks for tasks", within)
        return any(not each.passive for each in self.ledger.declarations)

    def comes_back(self, after: float) -> bool:
        """Waits until it is given tasks anew (its subscription or its fetch is answered) after that time, and
        says so; or until it has ended. Broken if it does neither."""

        def answered(events: Sequence[Event]) -> str:
            later = [event for event in events if event.at > after]
            ended = self._end(events) is not None
            fetched = any(
                event.who == self.who and event.what in ("Basic.GetOk", "Basic.GetEmpty") for event in later
            )
            back = fetched or any(each.at > after for each in ledger(events, self.who).consumers)
            return "ended" if ended else "back" if back else ""

        answer = self.history.wait(answered, EVENTUALLY)
        if not answer:
            raise Broken(
                f"{self.who} asks for tasks again, or ends", f"it did neither within {EVENTUALLY:.0f} s"
            )
        return answer == "back"

    def kill(self) -> None:
        """SIGKILL, and waits until it is gone."""
        self.program.signal(signal.SIGKILL)
        self.exit_status()

    def interrupt(self) -> None:
        """SIGINT, as Ctrl-C sends it."""
        self.program.signal(signal.SIGINT)

    def terminate(self) -> None:
        """SIGTERM, as a supervisor sends it."""
        self.program.signal(signal.SIGTERM)


class Production(Process):
    """One run of the producer under test."""

    def publishes(self, task: Task) -> Publication:
        """Waits until the task has gone to the broker."""
        return self._eventually(
            lambda book: book.carrying(task.mark), f"{self.who} publishes task {task.token}"
        )[0]

    @property
    def status(self) -> int | None:
        """Its exit status, or None while it runs."""
        return self.program.exit_status(within=0)

    @property
    def ended_at(self) -> float | None:
        """When it ended, in seconds of the history, or None while it runs."""
        end = self._end(self.history.events)
        return None if end is None else end.at

    def gives_up(self) -> int:
        """Its exit status, within the time that someone waits who runs it for one task."""
        return self.exit_status(GIVES_UP)

    def succeeds(self) -> Self:
        """Waits for its end, which must be with status 0."""
        if (status := self.exit_status()) != 0:
            raise Broken(f"{self.who} ends with status 0", f"it ended with status {status}")
        return self
