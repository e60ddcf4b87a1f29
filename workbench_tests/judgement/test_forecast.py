"""What of a program breaks or changes on a later RabbitMQ, from histories written by hand."""

from typing import Any

import pytest
from pamqp import commands

from workqueue_spec.judgement.forecast import CHANGES, LARGEST_MESSAGE, MOST_REDELIVERIES, foresee

from .wire import Script


def foreseen(script: Script, queue_type: str = "classic") -> dict[str, str]:
    found = foresee("worker 1", script.events, script.ledger, queue_type)
    return {each.change: each.seen for each in found}


def declared(queue_type: str = "classic", *, durable: bool = True, **properties: Any) -> dict[str, str]:
    declare = commands.Queue.Declare(queue="task_queue", durable=durable, **properties)
    return foreseen(Script().client(declare), queue_type)


def tuned(offered: int, answer: int) -> dict[str, str]:
    script = Script().client(commands.Connection.StartOk({}, "PLAIN", "", "en_US"))
    script.broker(commands.Connection.Tune(0, offered, 0))
    return foreseen(script.client(commands.Connection.TuneOk(0, answer, 0)))


def published(body: bytes, headers: dict[str, Any] | None = None) -> dict[str, str]:
    publish = commands.Basic.Publish(exchange="", routing_key="task_queue")
    return foreseen(
        Script().client(publish, body=body, properties=commands.Basic.Properties(headers=headers))
    )


def delivered(times: int, body: bytes = b"task") -> Script:
    script = Script()
    for tag in range(1, times + 1):
        script.deliver(tag, body, redelivered=tag > 1)
        script.client(commands.Basic.Nack(tag, False, True))
    return script


@pytest.mark.parametrize(
    ("offered", "answer", "breaks"),
    [
        (131_072, 4096, True),
        (131_072, 8191, True),
        (131_072, 8192, False),
        (131_072, 0, False),
        (4096, 4096, False),
    ],
)
def test_small_frames(offered: int, answer: int, breaks: bool) -> None:
    assert ("frame-size" in tuned(offered, answer)) is breaks


def test_the_flag_global_of_a_limit() -> None:
    for qos, changes in (
        (commands.Basic.Qos(0, 5, True), True),
        (commands.Basic.Qos(0, 5, False), False),
        (commands.Basic.Qos(0, 0, True), False),
    ):
        assert ("global-prefetch" in foreseen(Script().client(qos))) is changes


def test_queues_that_are_refused() -> None:
    assert set(declared(durable=False)) == {"transient-queue"}
    assert not declared(durable=False, exclusive=True)
    assert not declared(durable=False, passive=True)
    assert not declared()
    assert set(declared(arguments={"x-queue-mode": "lazy"})) == {"queue-mode"}
    assert set(declared(arguments={"x-queue-version": 1})) == {"queue-version"}
    assert not declared(arguments={"x-queue-version": 2})
    assert set(declared(arguments={"x-queue-master-locator": "min-masters"})) == {"master-locator"}
    assert declared(arguments={"x-queue-mode": "lazy"})["queue-mode"] == (
        "it declared the queue 'task_queue' with x-queue-mode = 'lazy'"
    )


def test_a_message_that_comes_back_too_often_for_a_quorum_queue() -> None:
    enough, too_many = delivered(MOST_REDELIVERIES + 1), delivered(MOST_REDELIVERIES + 2)
    assert "delivery-limit" not in foreseen(enough, "quorum")
    assert foreseen(too_many, "quorum")["delivery-limit"] == "one message of '' was delivered again 21 times"
    assert "delivery-limit" not in foreseen(too_many, "classic")


def test_many_messages_that_come_back_once_each() -> None:
    script = Script()
    for tag in range(1, 100):
        script.deliver(tag, b"task %d" % tag, redelivered=True)
    assert "delivery-limit" not in foreseen(script, "quorum")


def test_messages_that_are_published() -> None:
    assert not published(b"x" * LARGEST_MESSAGE)
    assert set(published(b"x" * (LARGEST_MESSAGE + 1))) == {"message-size"}
    assert set(published(b"task", {"x-death": [{"count": 3}]})) == {"published-x-death"}
    assert not published(b"task", {"tries": 3})


@pytest.mark.parametrize(("queue_type", "change"), [("classic", "no-timeout"), ("quorum", "timeout-cancels")])
def test_a_worker_that_acknowledges_has_other_timeouts(queue_type: str, change: str) -> None:
    for no_ack in (False, True):
        script = Script().client(commands.Basic.Consume(queue="task_queue", consumer_tag="a", no_ack=no_ack))
        script.broker(commands.Basic.ConsumeOk("a"))
        assert set(foreseen(script, queue_type)) == (set() if no_ack else {change})


def test_the_versions_are_in_order_and_each_change_has_its_name() -> None:
    assert [change.since for change in CHANGES] == sorted(change.since for change in CHANGES)
    assert len({change.id for change in CHANGES}) == len(CHANGES)
