"""The event that decided a verdict, and what kind of thing broke the promise."""

import pytest
from pamqp import commands

from workqueue_spec.judgement.verdicts import Broken, Kind, Moment, Verdict, judge
from workqueue_spec.judgement.verdicts.connecting import done_once
from workqueue_spec.judgement.verdicts.declaring import declared_durable, nobody_refused, refused_for
from workqueue_spec.judgement.verdicts.dispatch import holds_at_most, overtaken
from workqueue_spec.judgement.verdicts.leaving import left_after_its_work, left_promptly
from workqueue_spec.judgement.verdicts.publishing import persistent
from workqueue_spec.judgement.verdicts.reporting import success_is_confirmed
from workqueue_spec.judgement.verdicts.settlement import (
    acknowledged_after,
    acknowledges_by_hand,
    all_settled,
    each_settled_once,
    never_acknowledged,
)
from workqueue_spec.judgement.verdicts.verdict import LAST_EXIT

from .wire import Script

W = "worker 1"


def says(verdict: Verdict) -> tuple[Moment | None, Kind | None]:
    assert not verdict
    return verdict.decided_by, verdict.kind


def test_what_holds_names_no_event() -> None:
    book = Script().deliver(1).ack(1).ledger
    for verdict in (acknowledged_after(book.deliveries[0], 0.5), each_settled_once(book)):
        assert verdict
        assert (verdict.decided_by, verdict.kind) == (None, None)


def test_an_early_acknowledgement() -> None:
    early = Script().deliver(1).ack(1, after=0.5).ledger.deliveries
    moment = Moment(W, 1.5, "Basic.Ack", 1)
    assert says(acknowledged_after(early[0], 1.0)) == (moment, Kind.EARLY)
    assert says(never_acknowledged(early)) == (moment, Kind.EARLY)
    assert says(left_after_its_work(0, early[0], 1.0)) == (moment, Kind.EARLY)


def test_one_task_too_many() -> None:
    deliveries = Script().deliver(1).deliver(2).deliver(3).ledger.deliveries
    assert says(holds_at_most(1, deliveries)) == (Moment(W, 2.0, "Basic.Deliver", 2), Kind.HELD)
    assert says(holds_at_most(2, deliveries)) == (Moment(W, 3.0, "Basic.Deliver", 3), Kind.HELD)
    slow, *quick = deliveries
    assert says(overtaken(slow, quick)) == (Moment(W, 2.0, "Basic.Deliver", 2), Kind.HELD)


def test_no_ack_mode() -> None:
    script = Script().client(commands.Basic.Consume(queue="q", consumer_tag="consumer", no_ack=True))
    book = script.broker(commands.Basic.ConsumeOk("consumer")).deliver(1).ledger
    assert says(acknowledges_by_hand(book)) == (Moment(W, 2.0), Kind.NO_ACK)
    assert says(acknowledged_after(book.deliveries[0], 1.0)) == (
        Moment(W, 3.0, "Basic.Deliver", 1),
        Kind.NO_ACK,
    )


def test_settled_wrongly_or_not_at_all() -> None:
    twice = Script().deliver(1).ack(1).ack(1).ledger
    assert says(each_settled_once(twice)) == (Moment(W, 3.0, "Basic.Ack", 1), Kind.MISSETTLED)
    together = Script().deliver(1).deliver(2).ack(2, multiple=True).ledger
    assert says(each_settled_once(together)) == (Moment(W, 3.0, "Basic.Ack", 1), Kind.MISSETTLED)
    held = Script().deliver(1).deliver(2).ack(1).ledger
    assert says(all_settled(held.deliveries)) == (Moment(W, 2.0, "Basic.Deliver", 2), Kind.UNSETTLED)


def test_a_lost_connection() -> None:
    lost = Script().deliver(1).tap("Tap.Disconnected").ledger.deliveries
    assert says(done_once(lost)) == (Moment(W, 2.0), Kind.CONNECTION_LOST)


def test_a_refusal() -> None:
    close = commands.Channel.Close(406, "PRECONDITION_FAILED", 50, 10)
    closed = Script().broker(close).ledger.closed
    assert says(nobody_refused(closed)) == (Moment(W, 1.0, "Channel.Close"), Kind.REFUSED)
    assert refused_for(closed[0], 406, "queue.declare").decided_by is None
    assert says(refused_for(closed[0], 404, "queue.declare")) == (Moment(W, 1.0, "Channel.Close"), None)


def test_what_a_program_declares_and_publishes() -> None:
    script = Script().client(commands.Queue.Declare(queue="q"))
    script.client(commands.Basic.Publish(routing_key="q"), body=b"task")
    book = script.ledger
    assert says(declared_durable(book.declarations, "q")) == (Moment(W, 1.0, "Queue.Declare"), Kind.DECLARED)
    assert says(persistent(book.publications)) == (Moment(W, 2.0, "Basic.Publish"), Kind.TRANSIENT)


def test_how_a_program_ends() -> None:
    assert says(left_promptly(1, 0.1)) == (LAST_EXIT, Kind.STATUS)
    assert says(success_is_confirmed(0, [], 1)) == (LAST_EXIT, Kind.UNCONFIRMED)


def test_the_error_of_a_test_keeps_them() -> None:
    with pytest.raises(Broken) as caught:
        judge(Verdict(False, "this", "that", LAST_EXIT, Kind.STATUS))
    assert (caught.value.decided_by, caught.value.kind) == (LAST_EXIT, Kind.STATUS)
