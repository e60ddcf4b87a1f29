"""Verdicts on where a task is: still to be done, handed on to other queues, or gone."""

from typing import Any

from pamqp import commands

from workqueue_spec.judgement.ledger import Delivery
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts.copying import keeps_the_id, keeps_the_rest
from workqueue_spec.judgement.verdicts.fate import (
    dead_letter_exchange,
    delivery_limit,
    each_is_found,
    foreign_dead_letter_exchange,
    foreign_exchanges,
    handed_on_to,
    is_kept,
    seconds_until_it_leaves,
)
from workqueue_spec.judgement.verdicts.redelivery import died
from workqueue_spec.judgement.verdicts.routing import consumed, dead_letter_queues, queues_for
from workqueue_spec.judgement.verdicts.settlement import not_settled_for_good

from .wire import Script


class TestNotSettledForGood:
    def test_held_or_given_back(self) -> None:
        assert not_settled_for_good(Script().deliver(1).ledger.deliveries)
        assert not_settled_for_good(Script().deliver(1).tap("Tap.Disconnected").ledger.deliveries)
        requeued = Script().deliver(1).client(commands.Basic.Nack(1, requeue=True))
        assert not_settled_for_good(requeued.ledger.deliveries)

    def test_acknowledged_or_rejected(self) -> None:
        assert not not_settled_for_good(Script().deliver(1).ack(1).ledger.deliveries)
        rejected = Script().deliver(1).client(commands.Basic.Reject(1, requeue=False))
        verdict = not_settled_for_good(rejected.ledger.deliveries)
        assert not verdict
        assert "Basic.Reject" in verdict.seen

    def test_taken_in_no_ack_mode(self) -> None:
        script = Script().client(commands.Basic.Consume(0, "task_queue", no_ack=True))
        script.broker(commands.Basic.ConsumeOk("consumer")).deliver(1)
        assert not not_settled_for_good(script.ledger.deliveries)


def dead_letter(*deaths: dict[str, Any]) -> Delivery:
    headers: Any = {"x-death": list(deaths)} if deaths else None
    properties = commands.Basic.Properties(headers=headers)
    method = commands.Basic.Deliver("consumer", 1, False, "", "dead letters")
    return Script().broker(method, body=b"task", properties=properties).ledger.deliveries[0]


def death(queue: str, reason: str, count: int = 1) -> dict[str, Any]:
    return {"queue": queue, "reason": reason, "count": count}


class TestDied:
    def test_as_it_did(self) -> None:
        assert died(dead_letter(death("one", "expired")), ("one", "expired"))
        both = dead_letter(death("two", "expired", 3), death("one", "rejected", 3))
        assert died(both, ("two", "expired"), ("one", "rejected"), times=3)

    def test_elsewhere_or_otherwise(self) -> None:
        assert not died(dead_letter(), ("one", "expired"))
        assert not died(dead_letter(death("one", "rejected")), ("one", "expired"))
        assert not died(dead_letter(death("two", "expired")), ("one", "expired"))
        assert not died(dead_letter(death("one", "expired", 2)), ("one", "expired"))

    def test_one_death_too_few_or_too_many(self) -> None:
        both = dead_letter(death("two", "expired"), death("one", "rejected"))
        assert not died(both, ("two", "expired"))
        assert not died(dead_letter(death("two", "expired")), ("two", "expired"), ("one", "rejected"))

    def test_the_last_death_comes_first(self) -> None:
        both = dead_letter(death("one", "rejected"), death("two", "expired"))
        assert not died(both, ("two", "expired"), ("one", "rejected"))


QUEUE = "task_queue"
TASK, OTHER = Task("k1 error", "k1", 0), Task("k2 error", "k2", 0)
TO_FAILED = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "failed"}
BACK = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": QUEUE}


def declared(
    queue: str = QUEUE, given: dict[str, Any] | None = None, *, after: Script | None = None
) -> Script:
    method = commands.Queue.Declare(0, queue, durable=True, arguments=given or {})
    return (after or Script()).client(method)


def delivered(script: Script | None = None) -> Script:
    script = (script or Script()).client(commands.Basic.Consume(0, QUEUE))
    return script.broker(commands.Basic.ConsumeOk("consumer")).deliver(1, TASK.body)


def copied(script: Script, to: str, exchange: str = "", expiration: str | None = None) -> Script:
    properties = commands.Basic.Properties(expiration=expiration)
    publish = commands.Basic.Publish(0, exchange, to)
    return script.client(publish, body=TASK.body, properties=properties, connection=2)


class TestLimits:
    def test_of_deliveries(self) -> None:
        assert delivery_limit(Script().ledger.declarations, QUEUE) is None
        assert delivery_limit(declared().ledger.declarations, QUEUE) is None
        assert delivery_limit(declared(QUEUE, {"x-delivery-limit": 3}).ledger.declarations, QUEUE) == 3
        assert delivery_limit(declared(QUEUE, {"x-delivery-limit": -1}).ledger.declarations, QUEUE) is None
        assert delivery_limit(declared("other", {"x-delivery-limit": 3}).ledger.declarations, QUEUE) is None

    def test_dead_letters(self) -> None:
        assert dead_letter_exchange(declared().ledger.declarations, QUEUE) is None
        assert dead_letter_exchange(declared(QUEUE, BACK).ledger.declarations, QUEUE) == ""

    def test_kept(self) -> None:
        assert is_kept(TASK, "dead letters")
        assert not is_kept(TASK, None)


class TestRouting:
    def test_the_default_exchange(self) -> None:
        assert dead_letter_queues(declared("retry", BACK).ledger, "retry") == [QUEUE]
        assert dead_letter_queues(declared("retry").ledger, "retry") is None
        assert dead_letter_queues(declared("retry", {"x-dead-letter-exchange": ""}).ledger, "retry") is None

    def test_an_exchange_of_its_own(self) -> None:
        script = declared(QUEUE, {"x-dead-letter-exchange": "dlx"})
        assert dead_letter_queues(script.ledger, QUEUE) is None
        script.client(commands.Exchange.Declare(0, "dlx", "direct")).client(
            commands.Queue.Bind(0, "dead", "dlx", "failed")
        )
        assert dead_letter_queues(script.ledger, QUEUE) == ["dead"]
        assert queues_for(script.ledger, "dlx", "failed") == ["dead"]
        assert queues_for(script.ledger, "dlx", "other") == []

    def test_an_exchange_that_hands_on_to_another(self) -> None:
        script = Script().client(commands.Exchange.Declare(0, "dlx", "fanout"))
        script.client(commands.Exchange.Bind(0, "further", "dlx", ""))
        assert queues_for(script.ledger, "dlx", "failed") is None


class TestPlaces:
    def test_a_copy(self) -> None:
        script = copied(delivered(declared("failed")), "failed").ack(1)
        assert handed_on_to(script.ledger, TASK) == ["failed"]

    def test_a_dead_letter(self) -> None:
        script = declared(QUEUE, {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "failed"})
        script = delivered(declared("failed", after=script)).client(commands.Basic.Reject(1, requeue=False))
        assert handed_on_to(script.ledger, TASK) == ["failed"]

    def test_nothing_is_handed_on(self) -> None:
        assert handed_on_to(Script().ledger, TASK) == []
        assert handed_on_to(delivered(declared()).ack(1).ledger, TASK) == []
        assert handed_on_to(delivered().client(commands.Basic.Reject(1, requeue=False)).ledger, TASK) == []

    def test_a_place_that_others_make(self) -> None:
        assert handed_on_to(copied(delivered(), "failed").ack(1).ledger, TASK) == []
        assert handed_on_to(copied(delivered(), "", "events").ack(1).ledger, TASK) == []

    def test_of_an_attempt_before_the_last(self) -> None:
        script = copied(delivered(declared("retry")), "retry").ack(1).deliver(2, TASK.body)
        assert handed_on_to(script.client(commands.Basic.Reject(2, requeue=False)).ledger, TASK) == []

    def test_how_long_it_lies_there(self) -> None:
        assert seconds_until_it_leaves(declared("retry").ledger, "retry", TASK) is None
        assert seconds_until_it_leaves(declared("retry", {"x-message-ttl": 500}).ledger, "retry", TASK) == 0.5
        script = copied(declared("retry", {"x-message-ttl": 500}), "retry", expiration="200")
        assert seconds_until_it_leaves(script.ledger, "retry", TASK) == 0.2

    def test_ways_that_others_make(self) -> None:
        script = declared("retry", {"x-dead-letter-exchange": "x"}, after=declared())
        assert foreign_exchanges(script.ledger, QUEUE, "retry") == ["x"]
        own = declared("retry", BACK, after=declared())
        assert foreign_exchanges(own.ledger, QUEUE, "retry") == []
        script.client(commands.Exchange.Declare(0, "x", "fanout"))
        script.client(commands.Queue.Bind(0, QUEUE, "x", ""))
        assert foreign_exchanges(script.ledger, QUEUE, "retry") == []

    def test_dead_letters_that_others_take(self) -> None:
        reject = commands.Basic.Reject(1, requeue=False)
        to_others = delivered(declared(QUEUE, {"x-dead-letter-exchange": "x"})).client(reject)
        assert foreign_dead_letter_exchange(to_others.ledger, TASK) == "x"
        own = delivered(declared("failed", after=declared(QUEUE, TO_FAILED))).client(reject)
        assert foreign_dead_letter_exchange(own.ledger, TASK) is None
        assert foreign_dead_letter_exchange(delivered(declared()).client(reject).ledger, TASK) is None
        assert foreign_dead_letter_exchange(delivered(declared(QUEUE, BACK)).ack(1).ledger, TASK) is None
        assert foreign_dead_letter_exchange(Script().ledger, TASK) is None

    def test_found_or_not(self) -> None:
        assert each_is_found({TASK: None}, {})
        assert each_is_found({TASK: "failed", OTHER: None}, {TASK: ["failed"]})
        verdict = each_is_found({TASK: "failed", OTHER: None}, {TASK: ["failed"], OTHER: ["failed"]})
        assert not verdict
        assert "k2" in verdict.seen


GIVEN = commands.Basic.Properties(
    message_id="an id", message_type="task", headers={"trace": "a", "x-death": []}, expiration="1000"
)


def retried(
    script: Script | None = None,
    body: bytes = TASK.body,
    to: str = QUEUE,
    *,
    acknowledged: bool = True,
    **properties: Any,
) -> Script:
    script = (script or Script()).client(commands.Basic.Consume(0, QUEUE))
    script.broker(commands.Basic.ConsumeOk("consumer"))
    deliver = commands.Basic.Deliver("consumer", 1, False, "", QUEUE)
    script.broker(deliver, body=TASK.body, properties=GIVEN)
    copy = commands.Basic.Properties(**properties)
    script.client(commands.Basic.Publish(0, "", to), body=body, properties=copy)
    return script.ack(1) if acknowledged else script.client(commands.Basic.Reject(1, requeue=False))


class TestCopies:
    def test_none(self) -> None:
        assert keeps_the_id(Script().ledger, TASK)
        assert keeps_the_rest(delivered().ack(1).ledger, TASK)

    def test_of_a_task_with_nothing_to_keep(self) -> None:
        script = copied(delivered(), QUEUE).ack(1)
        assert keeps_the_id(script.ledger, TASK)
        assert keeps_the_rest(script.ledger, TASK)

    def test_the_same_id(self) -> None:
        assert keeps_the_id(retried(message_id="an id").ledger, TASK)
        assert not keeps_the_id(retried(message_id="another").ledger, TASK)
        assert not keeps_the_id(retried().ledger, TASK)

    def test_an_id_that_is_kept_elsewhere(self) -> None:
        assert keeps_the_id(retried(message_id="b", headers={"first": "an id"}).ledger, TASK)
        assert keeps_the_id(retried(body=b'{"id": "an id", "task": "k1 error"}').ledger, TASK)

    def test_the_rest(self) -> None:
        assert keeps_the_rest(retried(message_type="task", headers={"trace": "b", "tries": 2}).ledger, TASK)
        assert "type" in keeps_the_rest(retried(headers={"trace": "b"}).ledger, TASK).seen
        assert "trace" in keeps_the_rest(retried(message_type="task").ledger, TASK).seen

    def test_a_copy_for_others(self) -> None:
        elsewhere = retried(to="outcomes")
        assert keeps_the_id(elsewhere.ledger, TASK)
        assert keeps_the_rest(elsewhere.ledger, TASK)
        own = retried(declared("failed"), to="failed")
        assert not keeps_the_id(own.ledger, TASK)
        assert not keeps_the_rest(own.ledger, TASK)

    def test_a_notification_beside_a_rejection(self) -> None:
        notified = retried(declared("failed"), to="failed", acknowledged=False)
        assert keeps_the_id(notified.ledger, TASK)
        assert keeps_the_rest(notified.ledger, TASK)


def test_the_queues_that_a_program_consumes() -> None:
    assert consumed(Script().ledger) == set()
    script = delivered().client(commands.Basic.Get(0, "failed"))
    assert consumed(script.ledger) == {QUEUE, "failed"}
