"""The clauses that judge every test's history: a correct program breaks none, and each can be broken."""

from collections.abc import Iterator
from typing import Any

import pytest
from pamqp import commands

from workqueue_spec.judgement.ledger import ledger
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts.always import broken_by_producer, broken_by_worker, worked_on

from .wire import Script

QUEUE = "task_queue"
TASK = Task("k1 sort..", "k1", 2)
WORK = [(TASK, 2.0)]
DROPS: dict[str, Any] = {"x-max-length": 10}


def subscribed(*, no_ack: bool = False, exclusive: bool = False) -> Script:
    """A worker that has declared the queue and subscribed to it."""
    script = Script().client(commands.Queue.Declare(0, QUEUE, durable=True))
    script.broker(commands.Queue.DeclareOk(QUEUE, 0, 0)).client(
        commands.Basic.Consume(0, QUEUE, no_ack=no_ack, exclusive=exclusive)
    )
    return script.broker(commands.Basic.ConsumeOk("consumer"))


def worker_breaks(script: Script) -> list[str]:
    book = script.ledger.about(QUEUE)
    return [id_ for id_, _ in broken_by_worker(book, script.events, QUEUE, WORK)]


def producer_breaks(script: Script) -> list[str]:
    return [id_ for id_, _ in broken_by_producer(script.ledger, QUEUE, ("", QUEUE))]


def published(
    *, delivery_mode: int = 2, exchange: str = "", durable: bool = True, expiration: str | None = None
) -> Script:
    script = Script().client(commands.Queue.Declare(0, QUEUE, durable=durable))
    properties = commands.Basic.Properties(delivery_mode=delivery_mode, expiration=expiration)
    return script.client(commands.Basic.Publish(0, exchange, QUEUE), body=TASK.body, properties=properties)


class TestWorker:
    def test_one_that_works_and_acknowledges_breaks_nothing(self) -> None:
        assert worker_breaks(subscribed().deliver(1, TASK.body).ack(1, after=2.0)) == []

    def test_one_that_has_taken_nothing_yet_breaks_nothing(self) -> None:
        assert worker_breaks(Script()) == []
        assert worker_breaks(subscribed()) == []

    def lies(self) -> Iterator[tuple[str, Script]]:
        yield "W01", subscribed(no_ack=True)
        yield "W02", subscribed().deliver(1, b"a").deliver(2, b"b")
        yield "W03", subscribed().deliver(1, TASK.body).ack(1, after=1.9)
        yield "W04", subscribed().deliver(1, TASK.body).ack(1, after=2.0).ack(1)
        yield "W04", subscribed().deliver(1, TASK.body).ack(7)
        yield "W27", subscribed(exclusive=True)
        yield "W32", subscribed().deliver(1, b"a").client(commands.Queue.Purge(0, QUEUE))
        yield "W34", Script().client(commands.Queue.Declare(0, QUEUE, durable=False))
        yield "W36", Script().client(commands.Queue.Declare(0, QUEUE, durable=True, arguments=DROPS))

    def test_each_broken_promise_is_found(self) -> None:
        for id_, script in self.lies():
            assert worker_breaks(script) == [id_]

    def test_deliveries_from_other_queues_are_not_judged(self) -> None:
        script = subscribed().client(commands.Basic.Consume(0, "events", no_ack=True, exclusive=True))
        script.broker(commands.Basic.ConsumeOk("own"))
        for tag in (1, 2):
            script.broker(commands.Basic.Deliver("own", tag, False, "", "events"), body=b"event")
        assert worker_breaks(script) == []

    def test_each_connection_may_hold_one_delivery(self) -> None:
        script = subscribed().deliver(1, TASK.body)
        script.client(commands.Basic.Consume(0, QUEUE), connection=2)
        script.broker(commands.Basic.ConsumeOk("consumer"), connection=2).deliver(1, TASK.body, connection=2)
        assert worker_breaks(script) == []


class TestWorkedOn:
    def test_a_duplicate_of_a_finished_task_may_be_acknowledged_at_once(self) -> None:
        done = (
            subscribed().deliver(1, TASK.body).client(commands.Basic.Nack(1), after=2.0).deliver(2, TASK.body)
        )
        assert worked_on(done.ack(2, after=0.1).ledger.deliveries, WORK)

    def test_a_duplicate_of_an_unfinished_task_may_not(self) -> None:
        begun = (
            subscribed().deliver(1, TASK.body).client(commands.Basic.Nack(1), after=0.5).deliver(2, TASK.body)
        )
        assert not worked_on(begun.ack(2, after=0.1).ledger.deliveries, WORK)

    @pytest.mark.parametrize(
        ("message_id", "redelivered", "held", "holds"),
        [
            ("id", True, 2.0, True),
            (None, True, 2.0, False),
            ("id", False, 2.0, False),
            ("id", True, 0.5, False),
        ],
    )
    def test_a_duplicate_that_another_worker_has_finished_may_be_recognised_by_its_id(
        self, message_id: str | None, redelivered: bool, held: float, holds: bool
    ) -> None:
        script = subscribed().deliver(1, TASK.body)
        script.now += held - 1.0
        script.tap("Tap.Cut")
        again = commands.Basic.Deliver("consumer", 1, redelivered, "", QUEUE)
        known = commands.Basic.Properties(message_id=message_id)
        script.broker(again, who="worker 2", body=TASK.body, properties=known)
        script.ack(1, who="worker 2", after=0.1)
        own = ledger(script.events, "worker 2").deliveries
        assert bool(worked_on(own, WORK, script.ledger.deliveries)) is holds
        assert not worked_on(own, WORK)

    def test_what_is_not_acknowledged_yet_cannot_be_early(self) -> None:
        assert worked_on(subscribed().deliver(1, TASK.body).ledger.deliveries, WORK)

    def test_the_time_of_multiple_acknowledgements_is_not_judged(self) -> None:
        both = subscribed().deliver(1, TASK.body).deliver(2, b"b", after=0.1).ack(2, multiple=True, after=0.1)
        assert worked_on(both.ledger.deliveries, WORK)

    def test_every_task_counts(self) -> None:
        other = Task("k2 sort..", "k2", 2)
        script = subscribed().deliver(1, TASK.body).ack(1, after=2.0).deliver(2, other.body).ack(2, after=0.1)
        assert not worked_on(script.ledger.deliveries, [*WORK, (other, 2.0)])

    def test_what_is_rejected_needs_no_work(self) -> None:
        script = subscribed().deliver(1, TASK.body).client(commands.Basic.Reject(1), after=0.1)
        assert worked_on(script.ledger.deliveries, WORK)

    def test_a_timer_may_be_a_little_early(self) -> None:
        assert worked_on(subscribed().deliver(1, TASK.body).ack(1, after=1.995).ledger.deliveries, WORK)


class TestProducer:
    def test_one_that_publishes_as_it_should_breaks_nothing(self) -> None:
        assert producer_breaks(published()) == []
        assert producer_breaks(Script()) == []

    @pytest.mark.parametrize(
        ("id_", "script"),
        [
            ("P01", published(delivery_mode=1)),
            ("P10", published(exchange="tasks")),
            ("P18", published(durable=False)),
            ("P21", published(expiration="1000")),
        ],
    )
    def test_each_broken_promise_is_found(self, id_: str, script: Script) -> None:
        assert producer_breaks(script) == [id_]
