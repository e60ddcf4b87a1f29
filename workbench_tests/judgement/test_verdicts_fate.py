"""What becomes of a task: whether it is still to be done, and where it may lie."""

from typing import Any

from pamqp import commands

from workqueue_spec.judgement.ledger import Delivery
from workqueue_spec.judgement.verdicts.giving_up import died
from workqueue_spec.judgement.verdicts.settlement import not_let_go_for_good

from .wire import Script


class TestNotLetGoForGood:
    def test_held_or_given_back(self) -> None:
        assert not_let_go_for_good(Script().deliver(1).ledger.deliveries)
        assert not_let_go_for_good(Script().deliver(1).tap("Tap.Disconnected").ledger.deliveries)
        requeued = Script().deliver(1).client(commands.Basic.Nack(1, requeue=True))
        assert not_let_go_for_good(requeued.ledger.deliveries)

    def test_acknowledged_or_rejected(self) -> None:
        assert not not_let_go_for_good(Script().deliver(1).ack(1).ledger.deliveries)
        rejected = Script().deliver(1).client(commands.Basic.Reject(1, requeue=False))
        verdict = not_let_go_for_good(rejected.ledger.deliveries)
        assert not verdict
        assert "Basic.Reject" in verdict.seen

    def test_taken_in_no_ack_mode(self) -> None:
        script = Script().client(commands.Basic.Consume(0, "task_queue", no_ack=True))
        script.broker(commands.Basic.ConsumeOk("consumer")).deliver(1)
        assert not not_let_go_for_good(script.ledger.deliveries)


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
