"""From the results of single tests to what is said of the clauses in the end."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from pika.exceptions import ConnectionClosedByBroker

from workqueue_spec.broker.control import Unanswered
from workqueue_spec.judgement.history import History
from workqueue_spec.judgement.verdicts import Broken, NoAnswer
from workqueue_spec.plugin.judging import Judging, _failure_of_the_broker, _judged
from workqueue_spec.plugin.stash import BENCHES, SUBJECT
from workqueue_spec.programs.subject import reference
from workqueue_spec.specification.chapters import chapters
from workqueue_spec.specification.clauses import Clause
from workqueue_spec.specification.outcomes import Outcome, Result

CLAUSES = [clause for chapter in chapters() for clause in chapter.clauses]


@pytest.mark.parametrize(
    ("left_out", "known_to_break", "out_of_date"),
    [(None, "W04", True), ("W13", "W04", False), ("W13", "W12", True)],
)
def test_what_is_asked_of_every_test_is_out_of_date_when_every_test_was_run(
    left_out: str | None, known_to_break: str, out_of_date: bool
) -> None:
    def passed(clause: Clause) -> str:
        known = "a reason" if clause.id == known_to_break else ""
        return Result.of(clause, Outcome.PASSED, 0.1, known=known).as_json()

    given = SimpleNamespace(broker="cluster", part_of=None, model_examples=0)
    config: Any = SimpleNamespace(stash={SUBJECT: reference("classic")}, option=given)
    judging = Judging(config)
    properties = [("clause", passed(clause)) for clause in CLAUSES if clause.id != left_out]
    report: Any = SimpleNamespace(user_properties=properties, when="call", nodeid="x")
    judging.pytest_runtest_logreport(report)
    assert any(each.is_stale for each in judging._clauses()) is out_of_date


@pytest.mark.parametrize(
    ("parameters", "scope", "judged"),
    [({"state": "busy"}, "module", "busy"), ({}, "module", ""), ({"how": "x"}, "function", "test_it")],
)
def test_the_bench_that_a_test_is_about_is_known(parameters: dict[str, str], scope: str, judged: str) -> None:
    item: Any = SimpleNamespace(
        name="test_it",
        callspec=SimpleNamespace(params=parameters),
        _fixtureinfo=SimpleNamespace(name2fixturedefs={"cases": [SimpleNamespace(scope=scope)]}),
    )

    assert _judged(item, ["idle", "busy", "test_it"]) == judged


@pytest.mark.parametrize(("later", "kept"), [(100, 1), (-100, 0)])
def test_a_history_ends_when_its_test_did(later: float, kept: int) -> None:
    history = History()
    history.add("worker 1", "started")
    benches = [SimpleNamespace(test="test_it", history=history)]
    item: Any = SimpleNamespace(name="test_it", _fixtureinfo=SimpleNamespace(name2fixturedefs={}))
    call: Any = SimpleNamespace(stop=time.time() + later)
    config: Any = SimpleNamespace(stash={BENCHES: benches})
    (data,) = Judging(config)._histories(item, call)
    assert len(data["events"]) == kept
    assert data["judged_at"] == pytest.approx(history.now + later, abs=50)


def clause_of(id_: str) -> Clause:
    return next(clause for clause in CLAUSES if clause.id == id_)


@pytest.mark.parametrize(("queue_type", "shown"), [("classic", False), ("quorum", True)])
def test_a_remedy_is_for_the_queues_of_the_run(queue_type: str, shown: bool) -> None:
    config: Any = SimpleNamespace(option=SimpleNamespace(queue_type=queue_type, edition=None))
    result = Judging(config)._of(clause_of("W40"), Outcome.FAILED, 0.1)
    assert result.remedy is not None
    subjects = {each["subject"] for each in result.remedy["settings"]}
    assert ("A limit of deliveries (quorum queues)" in subjects) is shown
    assert "A dead letter exchange" in subjects


@pytest.mark.parametrize(
    ("error", "id_", "said"),
    [
        (Unanswered("it did not answer"), "W01", "it did not answer"),
        (Unanswered("it did not answer"), "B01", "it did not answer"),
        (
            NoAnswer("a queue deleted", "no answer within 15 s"),
            "W01",
            "expected a queue deleted, and there was",
        ),
        (NoAnswer("a queue deleted", "no answer within 15 s"), "B28", ""),
        (ConnectionClosedByBroker(501, "FRAME_ERROR"), "P01", "it ended the suite's own connection: (501, "),
        (Broken("an acknowledgement", "none"), "W01", ""),
        (ValueError("the suite's own mistake"), "W01", ""),
    ],
)
def test_what_the_broker_did_to_the_suite_is_no_failure_of_a_program(
    error: BaseException, id_: str, said: str
) -> None:
    found = _failure_of_the_broker(error, clause_of(id_))
    assert found.startswith(said)
    assert bool(found) == bool(said)
