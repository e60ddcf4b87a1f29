"""The likely cause in one line, as the wire shows it."""

from typing import Any

import pytest
from pamqp import commands

from workbench_tests.judgement.wire import Script
from workqueue_spec.judgement.event import Event
from workqueue_spec.judgement.verdicts import Kind, Moment
from workqueue_spec.judgement.verdicts.retrying import MOST_PER_SECOND
from workqueue_spec.judgement.verdicts.verdict import LAST_EXIT
from workqueue_spec.report.events import as_data
from workqueue_spec.report.likely import likely_cause

W = "worker 1"
CONSUME = commands.Basic.Consume(queue="q")


def cause(script: Script, kind: Kind, decided_by: Moment | None) -> str:
    return likely_cause(
        {"kind": str(kind), "histories": as_data([("test", script.events)], "test", decided_by)}
    )


def last(script: Script, what: str, tag: int | None = None) -> Moment:
    return Moment(W, script.now, what, tag)


def held(*before: Any) -> str:
    script = Script()
    for method in before:
        script.client(method)
    script.deliver(1).deliver(2)
    return cause(script, Kind.HELD, last(script, "Basic.Deliver", 2))


def qos(limit: int) -> Any:
    return commands.Basic.Qos(prefetch_count=limit)


def test_too_many_tasks() -> None:
    assert held(CONSUME) == "no basic.qos was sent"
    assert (
        held(CONSUME, qos(1)) == "basic.qos was sent after basic.consume, so it does not limit this consumer"
    )
    assert held(qos(2), CONSUME) == "basic.qos asked for prefetch-count 2"
    assert held(qos(0), CONSUME) == "basic.qos asked for prefetch-count 0, which means no limit"
    assert held(qos(1), CONSUME, CONSUME) == "2 consumers on the connection, and each may hold one"
    assert held(qos(1), CONSUME) == ""


def test_a_prefetch_that_is_forgotten_on_a_later_connection() -> None:
    script = Script().client(qos(1)).client(CONSUME).client(CONSUME, connection=2)
    script.deliver(1, connection=2).deliver(2, connection=2)
    assert (
        cause(script, Kind.HELD, last(script, "Basic.Deliver", 2))
        == "no basic.qos was sent on this connection"
    )


def test_an_early_acknowledgement() -> None:
    script = Script().deliver(1).ack(1, after=0.004)
    assert (
        cause(script, Kind.EARLY, last(script, "Basic.Ack", 1))
        == "acknowledged before the work: 4 ms after the delivery"
    )


def test_a_wrong_settlement() -> None:
    for script, expected in [
        (Script().deliver(1).ack(1).ack(1), "tag 1 was settled before, at +2.000 s"),
        (Script().deliver(1).ack(1, channel=2), "tag 1 was delivered on channel 1, not on channel 2"),
        (Script().deliver(1).ack(1, connection=2), "tag 1 belongs to a delivery on an earlier connection"),
        (
            Script().deliver(1).deliver(2).ack(2, multiple=True),
            "basic.ack with multiple settles all tags up to 2",
        ),
        (Script().ack(7), ""),
    ]:
        tag = script.events[-1].wire.method.delivery_tag  # type: ignore[union-attr]
        assert cause(script, Kind.MISSETTLED, last(script, "Basic.Ack", tag)) == expected


def test_no_acknowledgement() -> None:
    script = Script().deliver(1)
    assert (
        cause(script, Kind.UNSETTLED, last(script, "Basic.Deliver", 1))
        == "nothing was sent for the delivery at +1.000 s"
    )
    script = Script().deliver(1).client(commands.Basic.Reject(1, False))
    assert (
        cause(script, Kind.UNSETTLED, last(script, "Basic.Reject", 1))
        == "basic.reject was sent instead of an acknowledgement"
    )


def test_a_connection_without_heartbeats() -> None:
    script = Script().client(commands.Connection.TuneOk(0, 0, 1), channel=0).deliver(1, after=3)
    script.tap("Tap.Disconnected")
    assert (
        cause(script, Kind.CONNECTION_LOST, last(script, "Tap.Disconnected"))
        == "heartbeat 1 s negotiated, none sent for 4.0 s"
    )


def test_a_refusal() -> None:
    script = Script().client(commands.Queue.Declare(queue="q"))
    script.broker(commands.Channel.Close(406, "PRECONDITION_FAILED - inequivalent arg", 50, 10))
    assert (
        cause(script, Kind.REFUSED, last(script, "Channel.Close"))
        == "the broker said after queue.declare: 406 PRECONDITION_FAILED - inequivalent arg"
    )


@pytest.mark.parametrize(("mode", "said"), [(None, "without delivery-mode"), (1, "with delivery-mode 1")])
def test_a_transient_message(mode: int | None, said: str) -> None:
    properties = commands.Basic.Properties(delivery_mode=mode)
    script = Script().client(commands.Basic.Publish(routing_key="q"), body=b"x", properties=properties)
    assert cause(script, Kind.TRANSIENT, last(script, "Basic.Publish")) == f"basic.publish {said}"


def test_success_without_a_confirm() -> None:
    publish = commands.Basic.Publish(routing_key="q")
    without = Script().client(publish, body=b"x")
    hasty = Script().client(commands.Confirm.Select()).client(publish, body=b"x")
    nacked = Script().client(commands.Confirm.Select()).client(publish, body=b"x")
    nacked.broker(commands.Basic.Nack(1))
    for script, expected in [
        (without, "no confirm.select was sent, so the broker confirms nothing"),
        (hasty, "the program ended 0.5 s after basic.publish, and no confirm had come"),
        (nacked, "the broker's last reply was basic.nack"),
    ]:
        script.events.append(Event(script.now + 0.5, W, "exited", "with status 0"))
        assert cause(script, Kind.UNCONFIRMED, LAST_EXIT) == expected


def test_an_end_shows_the_last_line() -> None:
    script = Script()
    script.events += [
        Event(1.0, W, "output", "Traceback (most recent call last):"),
        Event(1.0, W, "output", "ValueError: no \x1b[2Jpriority"),
        Event(1.1, W, "exited", "with status 1"),
    ]
    assert (
        cause(script, Kind.STATUS, LAST_EXIT)
        == "the process ended with status 1; its last line: ValueError: no \\x1b[2Jpriority"
    )


def test_a_hot_loop() -> None:
    for settles, said in [
        (
            commands.Basic.Nack(1, False, True),
            "basic.nack with requeue and without a pause: the broker delivers the task again at once",
        ),
        (commands.Basic.Reject(1, False), ""),
    ]:
        script = Script()
        for _ in range(MOST_PER_SECOND):
            script.deliver(1, after=0.01).client(settles, after=0.01)
        script.deliver(1, after=0.01)
        assert cause(script, Kind.HOT_LOOP, None) == said
    once = Script().deliver(1).client(commands.Basic.Nack(1, False, True)).deliver(2)
    assert cause(once, Kind.HOT_LOOP, None) == ""


def subscribed() -> Script:
    return Script().tap("Tap.Connected").client(CONSUME).broker(commands.Basic.ConsumeOk("c"))


def test_a_worker_that_does_not_come_back() -> None:
    cancelled = subscribed().broker(commands.Basic.Cancel("c"))
    lost = subscribed().tap("Tap.Cut")
    again = subscribed().tap("Tap.Cut").tap("Tap.Connected", connection=2)
    back = subscribed().tap("Tap.Cut").client(CONSUME, connection=2)
    for script, said in [
        (cancelled, "worker 1 sent no basic.consume again"),
        (lost, "worker 1 did not connect again"),
        (again, "worker 1 connected again, but sent no basic.consume"),
        (back, ""),
        (subscribed(), ""),
        (Script().tap("Tap.Connected").tap("Tap.Cut"), ""),
    ]:
        assert cause(script, Kind.NOT_BACK, None) == said


def test_of_histories_of_which_none_is_judged_is_told_what_all_show() -> None:
    lost, again = subscribed().tap("Tap.Cut"), subscribed().tap("Tap.Cut").tap("Tap.Connected")
    for others, said in [
        ({"idle": again, "busy": again}, "worker 1 connected again, but sent no basic.consume"),
        ({"idle": again, "busy": lost}, ""),
    ]:
        histories = as_data([(name, each.events) for name, each in others.items()] + [("its own", [])])
        assert likely_cause({"kind": Kind.NOT_BACK, "histories": histories}) == said


def test_nothing_is_said_of_a_worker_if_events_are_left_out_after_its_loss() -> None:
    events = subscribed().tap("Tap.Cut").tap("Tap.Connected", connection=2).tap("Tap.Connected").events
    (history,) = as_data([("test", events)], "test")
    kept = [*history["events"][:-2], history["events"][-1]]
    clause = {"kind": Kind.NOT_BACK, "histories": [{**history, "events": kept}]}
    assert likely_cause(clause) == ""


@pytest.mark.parametrize("kind", ["", *Kind])
def test_nothing_is_said_if_nothing_is_known(kind: str) -> None:
    assert likely_cause({"kind": kind, "histories": []}) in (
        "",
        "the subscription, or the fetch, has no-ack set: the broker waits for no acknowledgement",
    )
