"""Whether a failed task was handed on safely: the broker has the copy before the task is acknowledged."""

from pamqp import commands

from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts.handing_on import (
    destinations_of_copies,
    handed_on_safely,
    kept_when_its_destination_is_gone,
)

from .wire import Script

TASK = Task("k1 error", "k1", 0)
ELSEWHERE = {"connection": 2}


def delivered() -> Script:
    script = (
        Script().client(commands.Basic.Consume(0, "task_queue")).broker(commands.Basic.ConsumeOk("consumer"))
    )
    return script.client(commands.Confirm.Select(), **ELSEWHERE).deliver(1, TASK.body)


def handed_on(
    script: Script, *, to: str = "failed", exchange: str = "", delivery_mode: int = 2, connection: int = 2
) -> Script:
    properties = commands.Basic.Properties(delivery_mode=delivery_mode)
    copy = commands.Basic.Publish(0, exchange, to)
    return script.client(copy, body=TASK.body, properties=properties, connection=connection)


def confirmed(script: Script) -> Script:
    return script.broker(commands.Basic.Ack(1), **ELSEWHERE)


def is_safe(script: Script) -> bool:
    return handed_on_safely(script.ledger, TASK).holds


def test_nothing_is_handed_on() -> None:
    assert is_safe(Script())
    assert is_safe(delivered())
    assert is_safe(delivered().ack(1))
    assert is_safe(delivered().client(commands.Basic.Reject(1, False)))


def test_acknowledged_after_the_confirm() -> None:
    assert is_safe(confirmed(handed_on(delivered())).ack(1))


def test_acknowledged_while_the_confirm_is_held_back() -> None:
    assert not is_safe(handed_on(delivered()).ack(1))


def test_refused_by_the_broker() -> None:
    nack = commands.Basic.Nack(1, requeue=False)
    assert not is_safe(handed_on(delivered()).broker(nack, **ELSEWHERE).ack(1))


def test_not_acknowledged_without_a_confirm() -> None:
    assert is_safe(handed_on(delivered()))
    assert is_safe(handed_on(delivered()).client(commands.Basic.Nack(1)))
    assert is_safe(handed_on(delivered()).tap("Tap.Disconnected"))


def test_a_channel_without_confirms() -> None:
    assert not is_safe(handed_on(delivered(), connection=1).ack(1))


def test_a_transient_copy() -> None:
    assert not is_safe(confirmed(handed_on(delivered(), delivery_mode=1)).ack(1))


def test_a_copy_on_a_queue_that_is_not_durable() -> None:
    declared = delivered().client(commands.Queue.Declare(0, "failed", durable=False), **ELSEWHERE)
    assert not is_safe(confirmed(handed_on(declared)).ack(1))
    elsewhere = delivered().client(commands.Queue.Declare(0, "other", durable=False), **ELSEWHERE)
    assert is_safe(confirmed(handed_on(elsewhere)).ack(1))


def test_one_safe_copy_is_enough() -> None:
    script = handed_on(delivered(), exchange="events", delivery_mode=1, connection=3)
    assert is_safe(confirmed(handed_on(script)).ack(1))


def test_each_attempt_counts() -> None:
    again = confirmed(handed_on(delivered())).ack(1).deliver(2, TASK.body)
    assert not is_safe(handed_on(again).ack(2))


def test_one_transaction_of_copy_and_acknowledgement() -> None:
    script = Script().client(commands.Tx.Select()).broker(commands.Tx.SelectOk()).deliver(1, TASK.body)
    assert is_safe(handed_on(script, connection=1).ack(1))


def test_a_transaction_of_the_copy_alone() -> None:
    script = (
        delivered().client(commands.Tx.Select(), connection=3).broker(commands.Tx.SelectOk(), connection=3)
    )
    handed = handed_on(script, connection=3).client(commands.Tx.Commit(), connection=3)
    assert is_safe(handed.broker(commands.Tx.CommitOk(), connection=3).ack(1))


def test_a_transaction_of_the_copy_alone_that_is_not_known_to_be_done() -> None:
    script = (
        delivered().client(commands.Tx.Select(), connection=3).broker(commands.Tx.SelectOk(), connection=3)
    )
    assert not is_safe(handed_on(script, connection=3).client(commands.Tx.Commit(), connection=3).ack(1))


def places(script: Script) -> list[str]:
    return destinations_of_copies(script.ledger, TASK)


def test_where_copies_go() -> None:
    assert places(Script()) == []
    assert places(delivered().ack(1)) == []
    assert places(confirmed(handed_on(delivered())).ack(1)) == ["failed"]
    assert places(confirmed(handed_on(delivered(), to="task_queue")).ack(1)) == []
    assert places(confirmed(handed_on(delivered(), exchange="events")).ack(1)) == []


def test_where_copies_go_that_the_worker_takes_itself() -> None:
    consuming = delivered().client(commands.Basic.Consume(0, "failed"), **ELSEWHERE)
    consuming.broker(commands.Basic.ConsumeOk("another"), **ELSEWHERE)
    assert places(confirmed(handed_on(consuming)).ack(1)) == []


def test_where_word_of_a_task_goes() -> None:
    word = commands.Basic.Publish(0, "", "outcomes")
    told = delivered().client(word, body=b'{"failed": "k1 error"}', **ELSEWHERE).ack(1)
    assert places(told) == []
    declared = delivered().client(commands.Queue.Declare(0, "outcomes", durable=True), **ELSEWHERE)
    assert places(declared.client(word, body=b'{"failed": "k1 error"}', **ELSEWHERE).ack(1)) == ["outcomes"]


def test_a_place_that_is_gone() -> None:
    lost = confirmed(handed_on(delivered())).ack(1)
    assert not kept_when_its_destination_is_gone(lost.ledger, TASK, None)
    assert kept_when_its_destination_is_gone(lost.ledger, TASK, "failed")
    given_back = confirmed(handed_on(delivered())).client(commands.Basic.Nack(1, requeue=True))
    assert kept_when_its_destination_is_gone(given_back.ledger, TASK, None)
    assert kept_when_its_destination_is_gone(delivered().ack(1).ledger, TASK, None)
    assert kept_when_its_destination_is_gone(lost.deliver(2, TASK.body).ledger, TASK, None)


def test_a_mandatory_copy_that_the_broker_took_or_returned() -> None:
    copy = commands.Basic.Publish(0, "", "failed", mandatory=True)
    taken = confirmed(delivered().client(copy, body=TASK.body, **ELSEWHERE)).ack(1)
    assert kept_when_its_destination_is_gone(taken.ledger, TASK, None)
    returned = delivered().client(copy, body=TASK.body, **ELSEWHERE)
    returned.broker(commands.Basic.Return(312, "NO_ROUTE", "", "failed"), body=TASK.body, **ELSEWHERE)
    assert not kept_when_its_destination_is_gone(confirmed(returned).ack(1).ledger, TASK, None)
