"""The worker under test, and the tasks it takes."""

from collections.abc import Sequence

from ...judgement.ledger import Delivery, Ledger
from ...judgement.tasks import Task
from ...judgement.verdicts.failing import no_longer_held
from ...timeouts import EVENTUALLY, QUIET
from .connected_program import ConnectedProgram


class Worker(ConnectedProgram):
    """A worker under test."""

    queue: str | None = None
    """The queue its tasks are on. None: the queue is not known, and all are looked at."""
    other_queues: tuple[str, ...] = ()
    """The other queues from which it consumes tasks. What it does with any other queue is not looked at."""

    @property
    def ledger(self) -> Ledger:
        """What it declared, published, took and settled so far, of its tasks' queue. It grows when it is asked for
        again.
        """
        book = super().ledger
        return book if self.queue is None else book.about(self.queue, *self.other_queues)

    @property
    def seconds_to_start(self) -> float:
        """The seconds from its start until it first asked for tasks."""
        started = next(event.at for event in self._events() if event.what == "started")
        return _asked_at(self.ledger)[0] - started

    def asks_for_tasks(self, delay: float) -> None:
        """Waits until it has subscribed, or has fetched for the first time. It may take `delay` seconds longer than
        anything usually may.
        """
        of = "" if self.queue is None else f" of '{self.queue}'"

        def asked(book: Ledger) -> list[float]:
            return _asked_at(book if self.queue is None else book.about(self.queue))

        self._eventually(asked, f"{self.name} asks for tasks{of}", delay)

    def declares(self, delay: float) -> bool:
        """Waits until it has declared a queue, or has asked for tasks without that. Returns whether it has declared
        one. It may take `delay` seconds longer than anything usually may.
        """

        def begun(book: Ledger) -> bool:
            return bool(book.consumers or book.fetches or any(not each.passive for each in book.declarations))

        self._eventually(begun, f"{self.name} declares a queue or asks for tasks", delay)
        return any(not each.passive for each in self.ledger.declarations)

    def fills_up(self, tasks: Sequence[Task]) -> None:
        """Waits until the first of the tasks is delivered to it, and for a moment until it has them all: a worker
        may hold fewer tasks than its prefetch allows.
        """
        self.receives(tasks[0])
        if len(tasks) > 1:
            self.history.wait(lambda _: all(self.deliveries(task) for task in tasks), QUIET)

    def receives_body(self, body: bytes) -> Delivery:
        """Waits until a message with exactly this body is delivered to it. Returns the latest delivery."""

        def exactly(book: Ledger) -> list[Delivery]:
            return [delivery for delivery in book.deliveries if delivery.body == body]

        return self._eventually(exactly, f"{self.name} receives a body of {len(body)} bytes")[-1]

    def tries(self, tasks: Sequence[Task]) -> None:
        """Waits until it has had each of the tasks once and no longer holds it, or has ended. Raises nothing if it
        does neither in time: a verdict judges that.
        """

        def tried() -> bool:
            return all(no_longer_held(self.deliveries(task)[:1]) for task in tasks)

        self.history.wait(lambda _: tried() or not self.process.running, EVENTUALLY)


def _asked_at(book: Ledger) -> list[float]:
    """When tasks were asked for, by a subscription or a fetch."""
    return sorted([each.at for each in book.consumers] + [each.at for each in book.fetches])
