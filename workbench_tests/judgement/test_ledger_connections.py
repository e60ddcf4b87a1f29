"""The ledger of connections: greetings, declarations, subscriptions, cancellations, and how connections end."""

from typing import Any

import pytest
from pamqp import base, commands

from workqueue_spec.judgement.ledger import ledger
from workqueue_spec.wiretap import Side

from .wire import Script


def greeting(script: Script, *, heartbeat: int, **where: Any) -> Script:
    script.client(commands.Connection.StartOk({"capabilities": {"connection.blocked": True}}), **where)
    return script.client(commands.Connection.TuneOk(heartbeat=heartbeat), **where)


def test_a_greeting_tells_the_capabilities_and_the_heartbeat() -> None:
    (hello,) = greeting(Script(), heartbeat=60).ledger.greetings
    assert (hello.capabilities, hello.heartbeat) == ({"connection.blocked": True}, 60)


@pytest.mark.parametrize("properties", [None, {}, {"capabilities": "all of them"}])
def test_a_greeting_may_tell_nothing(properties: dict[str, Any] | None) -> None:
    (hello,) = Script().client(commands.Connection.StartOk(properties)).ledger.greetings
    assert (hello.capabilities, hello.heartbeat) == ({}, None)


def test_each_connection_has_its_own_greeting() -> None:
    script = greeting(greeting(Script(), heartbeat=60), heartbeat=0, connection=2)
    assert [(each.connection[1], each.heartbeat) for each in script.ledger.greetings] == [(1, 60), (2, 0)]


def test_without_a_greeting_none_is_invented() -> None:
    assert Script().client(commands.Connection.TuneOk(heartbeat=60)).ledger.greetings == []


@pytest.mark.parametrize("method", [commands.Queue.Purge, commands.Queue.Delete])
def test_a_removal_is_noted(method: Any) -> None:
    (removal,) = Script().client(method(0, "letters")).ledger.removals
    assert (removal.what, removal.queue) == (method.name, "letters")


def test_only_the_brokers_cancel_is_a_cancellation() -> None:
    script = Script().client(commands.Basic.Cancel("its own")).broker(commands.Basic.Cancel("the broker's"))
    assert [each.tag for each in script.ledger.cancellations] == ["the broker's"]


def test_a_declaration_tells_what_was_asked_for() -> None:
    asked = commands.Queue.Declare(0, "letters", durable=True, arguments={"x-max-length": 1})
    (declaration,) = Script().client(asked).ledger.declarations
    assert (declaration.queue, declaration.durable, declaration.passive) == ("letters", True, False)
    assert declaration.arguments == {"x-max-length": 1}


def test_a_subscription_without_an_answer_is_known_at_once() -> None:
    asked = commands.Basic.Consume(0, "letters", "consumer", exclusive=True, nowait=True)
    (consumer,) = Script().client(asked).ledger.consumers
    assert (consumer.queue, consumer.tag, consumer.exclusive) == ("letters", "consumer", True)


def test_a_refused_subscription_is_no_consumer() -> None:
    assert Script().client(commands.Basic.Consume(0, "letters", "consumer")).ledger.consumers == []


def test_a_delivery_may_come_before_the_answer_to_its_subscription() -> None:
    script = Script().client(commands.Basic.Consume(0, "letters", "consumer", no_ack=True)).deliver(1)
    assert script.ledger.deliveries[0].no_ack


@pytest.mark.parametrize(
    ("sender", "code", "refusal"), [("broker", 406, True), ("broker", 200, False), ("client", 541, False)]
)
def test_a_refusal_is_an_error_of_the_brokers(sender: str, code: int, refusal: bool) -> None:
    (closed,) = getattr(Script(), sender)(commands.Channel.Close(code, "why", 0, 0)).ledger.closed
    assert (closed.by, closed.code, closed.text) == (Side(sender), code, "why")
    assert closed.is_refusal is refusal


def test_a_passive_declaration_of_a_missing_queue_is_no_refusal() -> None:
    gone = commands.Channel.Close(404, "NOT_FOUND - no queue", 50, 10)
    looked = Script().client(commands.Queue.Declare(0, "letters", passive=True)).broker(gone)
    found = Script().client(commands.Queue.Declare(0, "letters", passive=True))
    found.broker(commands.Queue.DeclareOk("letters", 0, 0)).broker(gone)
    declared = Script().client(commands.Queue.Declare(0, "letters")).broker(gone)
    assert [each.ledger.closed[0].is_refusal for each in (looked, found, declared)] == [False, True, True]


@pytest.mark.parametrize(
    ("close", "whole", "given_back"),
    [
        (commands.Channel.Close(200, "", 0, 0), False, [3.0, None]),
        (commands.Connection.Close(200, "", 0, 0), True, [3.0, 3.0]),
    ],
)
def test_closing_returns_what_was_held(
    close: base.Frame, whole: bool, given_back: list[float | None]
) -> None:
    book = Script().deliver(1).deliver(1, channel=2).client(close).ledger
    assert book.closed[0].whole_connection is whole
    assert [each.taken_back_at for each in book.deliveries] == given_back


@pytest.mark.parametrize("end", ["Tap.Disconnected", "Tap.Cut"])
def test_a_lost_connection_returns_what_was_held(end: str) -> None:
    book = Script().deliver(1).deliver(1, connection=2).tap(end).ledger
    assert [each.held_until for each in book.deliveries] == [3.0, None]


def test_recovering_returns_what_was_held() -> None:
    book = Script().deliver(1).client(commands.Basic.Recover(True)).deliver(2, redelivered=True).ledger
    assert [(each.held_until, each.redelivered) for each in book.deliveries] == [(2.0, False), (None, True)]


@pytest.mark.parametrize(
    ("method", "requeued"),
    [
        (commands.Basic.Nack(1, requeue=True), True),
        (commands.Basic.Reject(1, requeue=True), True),
        (commands.Basic.Nack(1, requeue=False), False),
        (commands.Basic.Ack(1), False),
    ],
)
def test_a_settlement_says_whether_the_message_goes_back(method: base.Frame, requeued: bool) -> None:
    delivery = Script().deliver(1).client(method).ledger.deliveries[0]
    assert (delivery.requeued, delivery.settled_by) == (requeued, method.name)


def test_deliveries_are_found_by_what_they_carry() -> None:
    book = Script().deliver(1, b"task k1").deliver(2, b"task k2").ledger
    assert [each.tag for each in book.of(b"k2")] == [2]


def test_an_incomplete_message_is_not_delivered() -> None:
    assert (
        Script().broker(commands.Basic.Deliver("consumer", 1, False, "", "letters")).ledger.deliveries == []
    )


def test_the_ledger_of_one_party_holds_nothing_of_another() -> None:
    script = Script().deliver(1, who="worker 1").deliver(1, who="worker 2")
    assert [each.who for each in ledger(script.events, "worker 2").deliveries] == ["worker 2"]
