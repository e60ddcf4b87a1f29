"""A party: a program under test or a client of the suite, seen at its tap."""

from collections.abc import Callable
from typing import TypeVar

from ...judgement.history import Event, History
from ...judgement.ledger import Delivery, Ledger
from ...judgement.tasks import Task
from ...judgement.verdicts import Broken, Kind, Moment
from ...judgement.verdicts.settlement import came, ended, settled
from ...timeouts import EVENTUALLY
from ...wiretap import Tap

Answer = TypeVar("Answer")


class Party:
    """A party behind its tap, and the questions about what it did.

    A noun (`ledger`, `deliveries`) says what was seen so far. A verb (`receives`, `finishes`) waits for it, and
    raises Broken if it does not happen in time.
    """

    def __init__(self, name: str, tap: Tap, history: History, seconds_per_dot: float) -> None:
        """`name` is `worker 1` or `client 2`: the party's name in the history. One dot of a task takes it
        `seconds_per_dot` of work.
        """
        self.name = name
        self.tap = tap
        self.history = history
        self._seconds_per_dot = seconds_per_dot

    @property
    def ledger(self) -> Ledger:
        """What it declared, published, took and settled so far. It grows when it is asked for again."""
        return self.history.ledger(self.name)

    def deliveries(self, task: Task) -> list[Delivery]:
        """The deliveries of the task to this party so far."""
        return self.ledger.of(task.mark)

    def receives(self, task: Task) -> Delivery:
        """Waits until the task is delivered to it. Returns the latest delivery."""
        return self._eventually(lambda book: book.of(task.mark), f"{self.name} receives task {task.token}")[
            -1
        ]

    def settles(self, task: Task, *, times: int = 1) -> Delivery:
        """Waits until it has had the task this many times and no longer holds it: it settled the task, lost it, or
        took it in no-ack mode. Returns the last of these deliveries.
        """

        def no_longer_held(book: Ledger) -> list[Delivery]:
            gone = [delivery for delivery in book.of(task.mark) if delivery.held_until is not None]
            return gone[times - 1 :]

        work = task.dots * self._seconds_per_dot
        return self._eventually(no_longer_held, f"{self.name} settles task {task.token}", work, task)[0]

    def finishes(self, task: Task) -> Delivery:
        """Waits until it has acknowledged the task. Raises Broken at once if it takes the task in no-ack mode."""
        expected = f"{self.name} acknowledges task {task.token}"

        def decided(book: Ledger) -> list[Delivery]:
            return [delivery for delivery in book.of(task.mark) if delivery.acknowledged or delivery.no_ack]

        work = task.dots * self._seconds_per_dot
        delivery = self._eventually(decided, expected, work, task)[0]
        if delivery.no_ack:
            raise Broken(expected, "it took the task in no-ack mode", came(delivery), Kind.NO_ACK)
        return delivery

    def _eventually(
        self,
        question: Callable[[Ledger], Answer],
        expected: str,
        work: float = 0.0,
        task: Task | None = None,
    ) -> Answer:
        """Waits until the answer is true, and returns it. Raises Broken if it is not true in time, or if the party
        has ended before; `work` seconds are added to the usual time. `task` is what is to be settled.
        """

        def asked() -> tuple[Answer, Event | None]:
            return question(self.ledger), self._end()

        within = EVENTUALLY + work
        answer, end = self.history.wait(lambda _: final(asked()), within) or asked()
        if answer:
            return answer
        seen = f"nothing of the kind within {within:.0f} s" if end is None else f"it ended {end.text}"
        refusals = [each for each in self.ledger.closed if each.is_refusal]
        reason = f", told by the broker: {refusals[-1].code} {refusals[-1].text}" if refusals else ""
        if refusals:
            raise Broken(expected, seen + reason, ended(refusals[-1]), Kind.REFUSED)
        if end is not None:
            raise Broken(expected, seen, Moment(self.name, end.at, end.what))
        if task is not None:
            raise Broken(expected, seen, self._last(task), Kind.UNSETTLED)
        raise Broken(expected, seen)

    def _last(self, task: Task) -> Moment | None:
        """When the task was settled last, or else came last; None if it was not delivered."""
        deliveries = self.ledger.of(task.mark)
        return settled(deliveries[-1]) if deliveries else None

    def _end(self) -> Event | None:
        return next(iter(self.history.events_of(self.name, "exited")), None)


def final(asked: tuple[Answer, Event | None]) -> tuple[Answer, Event | None] | None:
    """The answer and the party's end, or None if there is neither yet. After either, waiting changes nothing."""
    return asked if asked[0] or asked[1] is not None else None
