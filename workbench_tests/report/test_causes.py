"""Which failure explains which, and which is shown first."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands

from workbench_tests.judgement.wire import Script
from workqueue_spec.judgement.event import Event
from workqueue_spec.judgement.verdicts import Kind, Moment
from workqueue_spec.judgement.verdicts.verdict import LAST_EXIT
from workqueue_spec.report.causes import groups, root_of, with_causes
from workqueue_spec.report.events import as_data
from workqueue_spec.report.json_report import clauses_data
from workqueue_spec.specification.chapters import chapters, clause_by_id
from workqueue_spec.specification.outcomes import Outcome, Result

IDS = [clause.id for chapter in chapters() for clause in chapter.clauses]


def failed(id_: str, *beside: str, kind: str = "", **more: Any) -> Result:
    return Result.of(clause_by_id(id_), Outcome.FAILED, 0.1, beside=beside, kind=str(kind), **more)


def said(*results: Result) -> list[str]:
    return [group.says or group.root["id"] for group in groups(clauses_data(results, str))]


def test_a_promise_that_was_broken_in_the_same_test_explains() -> None:
    assert said(
        failed("W03", seen_in="test_x"),
        failed("W05", "W03"),
        failed("W06", "W03"),
        failed("W21", "W03"),
        failed("W31", "W03"),
        failed("S01", "W03"),
    ) == ["W03 explains W05, W06, W21, W31, S01"]


def test_the_first_promise_that_was_broken_explains_the_others() -> None:
    assert said(failed("W02", "W32", "W04"), failed("W04", "W32"), failed("W32")) == ["W32 explains W02, W04"]


def test_what_did_not_fail_explains_nothing() -> None:
    passed = Result.of(clause_by_id("W03"), Outcome.PASSED, 0.1)
    assert said(passed, failed("W05", "W03")) == ["W05"]


def test_the_kind_explains() -> None:
    assert said(failed("W03", kind=Kind.EARLY), failed("W19", kind=Kind.EARLY)) == ["W03 explains W19"]
    assert said(failed("W19", kind=Kind.EARLY)) == ["W19"]


def test_the_promise_goes_before_the_kind() -> None:
    results = [failed("W01"), failed("W03", kind=Kind.EARLY), failed("W19", "W01", kind=Kind.EARLY)]
    assert said(*results) == ["W01 explains W19", "W03"]


def test_a_cause_may_have_a_cause() -> None:
    assert said(failed("W02"), failed("W04", "W02"), failed("W16", "W04")) == ["W02 explains W04, W16"]


def test_a_circle_has_a_root() -> None:
    assert said(failed("W02", "W04"), failed("W04", "W02"), failed("W16", "W04")) == ["W02 explains W04, W16"]


def test_a_redelivery_that_was_thrown_away() -> None:
    script = Script().deliver(1, redelivered=True).client(commands.Basic.Reject(1, False))
    histories = as_data([("test", script.events)], "test", Moment("worker 1", 2.0, "Basic.Reject", 1))
    assert said(failed("W06", histories=histories), failed("W21")) == ["W21 explains W06"]
    fresh = Script().deliver(1).client(commands.Basic.Reject(1, False))
    histories = as_data([("test", fresh.events)], "test", Moment("worker 1", 2.0, "Basic.Reject", 1))
    assert said(failed("W06", histories=histories), failed("W21")) == ["W06", "W21"]


def test_a_worker_that_ends_at_a_delivery() -> None:
    script = Script().deliver(1)
    moment = Moment("worker 1", script.now, "Basic.Deliver", 1)
    died = Event(2.0, "worker 1", "exited", "with status 1")
    killed = Event(1.5, "worker 1", "signal", "SIGKILL")
    of_itself = as_data([("test", [*script.events, died])], "test", moment)
    of_a_signal = as_data([("test", [*script.events, killed, died])], "test", moment)
    assert said(failed("W03", histories=of_itself), failed("W23")) == ["W23 explains W03"]
    assert said(failed("W03", histories=of_a_signal), failed("W23")) == ["W03", "W23"]


@pytest.mark.parametrize(("pause", "explained"), [(0.01, True), (0.5, False)])
def test_a_task_that_is_retried_in_a_hot_loop(pause: float, explained: bool) -> None:
    script = Script()
    for tag in range(1, 21):
        script.deliver(tag, b"a task", redelivered=tag > 1, after=pause)
        script.client(commands.Basic.Reject(tag, True), after=0)
    histories = as_data([("test", script.events)], "test")
    both = said(failed("W08", histories=histories), failed("W09"))
    assert both == (["W09 explains W08"] if explained else ["W08", "W09"])


def test_a_producer_that_asks_for_no_confirms() -> None:
    script = Script().client(commands.Basic.Publish(routing_key="q"), body=b"task", who="producer 1")
    script.events.append(Event(2.0, "producer 1", "exited", "with status 0"))
    histories = as_data([("test", script.events)], "test", LAST_EXIT)
    assert said(failed("P02"), failed("P15", histories=histories)) == ["P02 explains P15"]


def test_a_worker_that_never_comes_back() -> None:
    consumed = commands.Basic.Consume(queue="q"), commands.Basic.ConsumeOk("c")
    lost = Script().client(consumed[0]).broker(consumed[1]).tap("Tap.Cut")
    script = Script().client(consumed[0]).broker(consumed[1]).tap("Tap.Cut").tap("Tap.Connected")
    gone, connected = (as_data([("test", each.events)], "test") for each in (lost, script))
    found = said(
        failed("W14", kind=Kind.NOT_BACK, histories=gone),
        failed("W15", kind=Kind.NOT_BACK, histories=connected),
        failed("W16", kind=Kind.NOT_BACK, histories=connected),
        failed("W13", kind=Kind.NOT_BACK),
        failed("W17", kind=Kind.NOT_BACK),
    )
    assert found == ["W15 explains W16", "W14", "W13", "W17"]


def test_the_order() -> None:
    assert said(
        failed("B03", known="a reason"),
        failed("P19"),
        failed("W05"),
        failed("W08", "W36"),
        failed("W36"),
    ) == ["W36 explains W08", "W05", "P19", "B03"]
    assert clause_by_id("P19").level != "MUST"


def test_a_known_root_of_an_unknown_failure_is_not_put_last() -> None:
    assert said(failed("W05"), failed("W36", known="a reason"), failed("W08", "W36")) == [
        "W36 explains W08",
        "W05",
    ]


def test_how_a_producer_publishes_is_not_why_it_prints_a_password() -> None:
    assert said(failed("P10", "P18"), failed("P16", "P18", "P10"), failed("P18")) == ["P10", "P18", "P16"]


def test_each_failure_says_what_explains_it() -> None:
    made = with_causes(clauses_data([failed("W03"), failed("W05", "W03")], str))
    assert [(each["id"], each["explained_by"]) for each in made] == [("W03", ""), ("W05", "W03")]


@given(st.dictionaries(st.sampled_from(IDS), st.lists(st.sampled_from(IDS), max_size=3), max_size=12))
def test_each_failure_is_in_one_group(of: Mapping[str, list[str]]) -> None:
    found = groups(clauses_data([failed(id_, *beside) for id_, beside in of.items()], str))
    ids = [each["id"] for group in found for each in (group.root, *group.explained)]
    assert sorted(ids) == sorted(of)
    clauses = {each["id"]: each for group in found for each in (group.root, *group.explained)}
    for group in found:
        assert root_of(group.root["id"], {id_: clauses[id_] for id_ in of}) == group.root["id"]
