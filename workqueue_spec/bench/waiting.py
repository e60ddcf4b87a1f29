"""Waiting for what somebody does, and for what a queue holds."""

import time
from collections.abc import Callable

from ..broker.control import Counts
from ..judgement.ledger import Delivery
from ..judgement.tasks import Task
from ..judgement.verdicts import Broken, Kind, Verdict, judge
from ..judgement.verdicts.settlement import came
from ..timeouts import EVENTUALLY, POLL, QUIET
from .world import World


class Waiting(World):
    """Waits for events of the history, whoever causes them. Only a queue's counts have to be polled."""

    def eventually(self, question: Callable[[], Verdict], delay: float = 0.0) -> None:
        """Waits until the verdict holds; `delay` seconds are added to the usual time. Raises Broken if it does not
        hold in time.
        """
        self.history.wait(lambda _: question(), EVENTUALLY + delay)
        judge(question())

    def stays(self, question: Callable[[], Verdict], seconds: float = QUIET) -> None:
        """Watches for `seconds` that the verdict holds all the time. Raises Broken if it does not."""
        self.history.wait(lambda _: not question(), seconds)
        judge(question())

    def somebody_receives(self, task: Task) -> Delivery:
        """Waits until the task is delivered to somebody. Returns the latest delivery."""
        return self._somebody(lambda delivery: True, task, "is delivered to")

    def somebody_finishes(self, task: Task) -> Delivery:
        """Waits until somebody has acknowledged the task. Raises Broken at once if somebody takes it in no-ack
        mode.
        """
        expected = "is acknowledged by"
        delivery = self._somebody(lambda each: each.acknowledged or each.no_ack, task, expected)
        if delivery.no_ack:
            seen = f"{delivery.who} took it in no-ack mode"
            raise Broken(f"task {task.token} {expected} somebody", seen, came(delivery), Kind.NO_ACK)
        return delivery

    def _somebody(self, right: Callable[[Delivery], bool], task: Task, expected: str) -> Delivery:
        def found(_: object) -> list[Delivery]:
            return [delivery for delivery in self.history.ledger().of(task.mark) if right(delivery)]

        within = EVENTUALLY + task.dots * self.subject.seconds_per_dot
        deliveries = self.history.wait(found, within)
        if not deliveries:
            raise Broken(f"task {task.token} {expected} somebody", f"nobody within {within:.0f} s")
        return deliveries[-1]

    def queue(self) -> Counts | None:
        """The counts of the queue under test, or None if it does not exist."""
        return self.control.counts(self.subject.queue)

    def queue_becomes(self, ready: int, queue: str | None = None) -> None:
        """Waits until the queue (by default the one under test) has exactly `ready` messages ready for delivery."""
        self._poll(lambda counts: counts.ready == ready, f"{ready} messages ready", queue)

    def queue_loses_its_consumers(self, queue: str) -> None:
        """Waits until the queue has no consumer."""
        self._poll(lambda counts: counts.consumers == 0, "no consumer", queue)

    def _poll(self, right: Callable[[Counts], bool], expected: str, queue: str | None) -> None:
        name = queue or self.subject.queue
        deadline = time.monotonic() + EVENTUALLY
        while (counts := self.control.counts(name)) is None or not right(counts):
            if time.monotonic() > deadline:
                seen = counts and f"{counts.ready} ready, {counts.consumers} consumers"
                raise Broken(f"{expected} on '{name}'", seen or "no such queue")
            time.sleep(POLL)
