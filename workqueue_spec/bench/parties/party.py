"""Someone behind a tap."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ...judgement.history import Event, History
from ...judgement.ledger import Delivery, Ledger, ledger
from ...judgement.tasks import Task
from ...judgement.verdicts import Broken
from ...timeouts import EVENTUALLY
from ...wiretap import Tap

Answer = TypeVar("Answer")


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
        return self._book(self.history.events)

    def _book(self, events: Sequence[Event]) -> Ledger:
        return ledger(events, self.who)

    def deliveries(self, task: Task) -> list[Delivery]:
        """The deliveries of the task to this party so far."""
        return self.ledger.of(task.mark)

    def receives(self, task: Task) -> Delivery:
        """Waits until the task is delivered to it."""
        return self._eventually(lambda book: book.of(task.mark), f"{self.who} receives task {task.token}")[-1]

    def settles(self, task: Task, *, times: int = 1) -> Delivery:
        """Waits until it has had the task so many times and holds it no longer, whether it settled it, lost it or
        never had to; returns the last of these deliveries.
        """

        def let_go(book: Ledger) -> list[Delivery]:
            gone = [delivery for delivery in book.of(task.mark) if delivery.held_until is not None]
            return gone[times - 1 :]

        work = task.dots * self._seconds_per_dot
        return self._eventually(let_go, f"{self.who} settles task {task.token}", work)[0]

    def finishes(self, task: Task) -> Delivery:
        """Waits until it has acknowledged the task; broken at once if it takes the task in no-ack mode."""
        expected = f"{self.who} acknowledges task {task.token}"

        def beyond_doubt(book: Ledger) -> list[Delivery]:
            return [delivery for delivery in book.of(task.mark) if delivery.acknowledged or delivery.no_ack]

        work = task.dots * self._seconds_per_dot
        delivery = self._eventually(beyond_doubt, expected, work)[0]
        if delivery.no_ack:
            raise Broken(expected, "it took the task in no-ack mode")
        return delivery

    def _eventually(self, question: Callable[[Ledger], Answer], expected: str, work: float = 0.0) -> Answer:
        """The answer once it is true; broken if it is not in time, or can no longer become so."""

        def asked(events: Sequence[Event]) -> tuple[Answer, Event | None]:
            return question(self._book(events)), self._end(events)

        within = EVENTUALLY + work
        answer, end = self.history.wait(lambda events: final(asked(events)), within) or asked(
            self.history.events
        )
        if answer:
            return answer
        seen = f"nothing of the kind within {within:.0f} s" if end is None else f"it ended {end.text}"
        refusals = [each for each in self.ledger.closed if each.is_refusal]
        told = f", told by the broker: {refusals[-1].code} {refusals[-1].text}" if refusals else ""
        raise Broken(expected, seen + told)

    def _end(self, events: Sequence[Event]) -> Event | None:
        return next((event for event in events if event.who == self.who and event.what == "exited"), None)


def final(asked: tuple[Answer, Event | None]) -> tuple[Answer, Event | None] | None:
    """The answer and the party's end, once there is one of them: then waiting on will change nothing."""
    return asked if asked[0] or asked[1] is not None else None
