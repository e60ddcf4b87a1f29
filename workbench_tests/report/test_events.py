"""Histories as data: bounded, plain, and with the event that decided."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands

from workbench_tests.judgement.wire import Script
from workqueue_spec.judgement.event import Event
from workqueue_spec.judgement.verdicts import Moment
from workqueue_spec.judgement.verdicts.verdict import LAST_EXIT
from workqueue_spec.report.events import MOST_EVENTS, as_data, number_of


def test_an_event_of_the_wire() -> None:
    (history,) = as_data([("test", Script().deliver(7, b"a task..").events)], "test", Moment("worker 1", 1.0))

    assert {**history, "events": None} == {
        "name": "test",
        "judged": True,
        "left_out": 0,
        "decided_by": 0,
        "events": None,
    }
    (event,) = history["events"]
    assert event == {
        "number": 0,
        "at": 1.0,
        "party": "worker 1",
        "name": "Basic.Deliver",
        "connection": 1,
        "channel": 1,
        "sender": "broker",
        "fields": {
            "consumer_tag": "consumer",
            "delivery_tag": 7,
            "redelivered": False,
            "routing_key": "task_queue",
        },
        "body": "a task..",
        "body_size": 8,
    }


def test_a_history_ends_when_the_clause_was_judged() -> None:
    events = [Event(at, "worker 1", "output", str(at)) for at in (0.5, 1.5, 1.4, 2.5)]
    for judged_at, shown in ((1.45, 3), (9.0, 4), (0.1, 0)):
        (history,) = as_data([("test", events)], judged_at={"test": judged_at})
        assert history["judged_at"] == judged_at
        assert history["left_out"] == 0
        assert [each["number"] for each in history["events"]] == list(range(shown))
    (of_every_test,) = as_data([("test", events)])
    assert "judged_at" not in of_every_test


def test_an_event_of_a_process() -> None:
    (history,) = as_data([("test", [Event(0.5, "worker 1", "output", "x" * 300)])])

    (event,) = history["events"]
    assert event == {"number": 0, "at": 0.5, "party": "worker 1", "name": "output", "text": "x" * 197 + "..."}


@given(st.binary(max_size=3000))
def test_any_body_is_plain_and_bounded(body: bytes) -> None:
    (history,) = as_data([("test", Script().deliver(1, body).events)])

    (event,) = json.loads(json.dumps(history))["events"]
    assert len(event["body"]) <= 400
    assert event["body_size"] == len(body)


def test_any_table_is_plain_and_bounded() -> None:
    deep: Any = {"x": 1}
    for _ in range(50):
        deep = {"x": [deep]}
    table = {
        **{f"key {number}": "v" * 300 for number in range(15)},
        "time": datetime(2026, 1, 1, tzinfo=UTC),
        "price": Decimal("1.5"),
        "bytes": bytearray(b"\xff"),
        "deep": deep,
    }
    method: Any = commands.Queue.Declare(queue="q", arguments=table)
    (history,) = as_data([("test", Script().client(method).events)])

    assert len(json.dumps(history, allow_nan=False)) < 1500


def test_a_flood_is_cut_and_says_so() -> None:
    script = Script()
    for tag in range(1, 5001):
        script.deliver(tag, b"x" * 5000)
    (history,) = as_data([("test", script.events)], "test", Moment("worker 1", 2000.0, "Basic.Deliver", 2000))

    numbers = [event["number"] for event in history["events"]]
    assert len(numbers) == MOST_EVENTS
    assert history["left_out"] == 5000 - MOST_EVENTS
    assert history["decided_by"] == 1999
    assert {0, 1, 1998, 1999, 2000, 4998, 4999} < set(numbers)
    assert numbers == sorted(numbers)
    assert len(json.dumps(history)) < 500_000


@pytest.mark.parametrize("judged", ["bench 3", ""])
def test_many_floods_are_cut_together(judged: str) -> None:
    script = Script()
    for tag in range(1, 1001):
        script.deliver(tag)
    histories = as_data([(f"bench {number}", script.events) for number in range(30)], judged)

    assert sum(len(history["events"]) for history in histories) <= MOST_EVENTS
    if judged:
        assert [history["name"] for history in histories if history["judged"]] == [judged]
        assert histories[-1]["judged"]
        assert len(histories[-1]["events"]) > 20


def test_the_event_that_a_verdict_names_is_found() -> None:
    events = Script().deliver(1).deliver(2, after=0).ack(2, after=0).events
    events += [
        Event(5.0, "worker 1", "exited", "with status 0"),
        Event(9.0, "worker 2", "exited", "by SIGKILL"),
    ]

    for moment, number in [
        (Moment("worker 1", 1.0, "Basic.Deliver", 2), 1),
        (Moment("worker 1", 1.0, "Basic.Ack", 2), 2),
        (Moment("worker 1", 1.0), 0),
        (Moment("worker 2", 1.0), None),
        (Moment("worker 1", 2.0), None),
        (Moment("worker 1", None, "exited"), 3),
        (LAST_EXIT, 4),
    ]:
        assert number_of(moment, events) == number
