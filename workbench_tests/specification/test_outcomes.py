"""Outcomes: from the results of tests to the outcome of each clause and the verdict of the run."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workqueue_spec.specification.clauses import Role
from workqueue_spec.specification.edition import Change
from workqueue_spec.specification.outcomes import (
    Conclusion,
    Conformance,
    Outcome,
    Result,
    Results,
    conformance,
    counts,
)


def result(
    id_: str, outcome: Outcome = Outcome.PASSED, level: str = "MUST", presumes: tuple[str, ...] = ()
) -> Result:
    return Result(id_, f"slug-{id_}", "core", level, "worker", "It does.", presumes, outcome, 0.5)


def gathered(*results: Result) -> list[Result]:
    gathering = Results()
    for each in results:
        gathering.add(each)
    return list(gathering.clauses())


@pytest.mark.parametrize("worse", [Outcome.FAILED, Outcome.NOT_JUDGED])
def test_a_clause_has_the_outcome_of_its_worst_test(worse: Outcome) -> None:
    for order in ([Outcome.PASSED, worse], [worse, Outcome.PASSED]):
        (clause,) = gathered(*(result("W01", each) for each in order))
        assert clause.outcome is worse
        assert clause.seconds == 1.0


def test_failed_is_worse_than_not_judged() -> None:
    (clause,) = gathered(result("W01", Outcome.NOT_JUDGED), result("W01", Outcome.FAILED))
    assert clause.outcome is Outcome.FAILED


def test_a_failure_is_not_judged_if_a_presumed_clause_failed() -> None:
    clauses = gathered(result("W06", Outcome.FAILED, presumes=("B18",)), result("B18", Outcome.FAILED))
    assert [(each.id, each.outcome) for each in clauses] == [
        ("B18", Outcome.FAILED),
        ("W06", Outcome.NOT_JUDGED),
    ]
    assert "B18" in clauses[1].reason


def test_a_failure_counts_if_no_presumed_clause_failed() -> None:
    clauses = gathered(result("W06", Outcome.FAILED, presumes=("B18", "B19")), result("B18"))
    assert clauses[1].outcome is Outcome.FAILED


def test_clauses_come_in_the_order_of_the_specification() -> None:
    ids = ["S01", "W10", "W02", "P01", "B31", "B04"]
    assert [each.id for each in gathered(*map(result, ids))] == ["B04", "B31", "P01", "W02", "W10", "S01"]


def test_a_result_travels_as_text() -> None:
    sent = result("W06", Outcome.FAILED, presumes=("B18",))
    assert Result.from_json(sent.as_json()) == sent
    outside = replace(sent, change=Change.NEW)
    assert Result.from_json(outside.as_json()) == outside


def test_a_known_failure_is_stale_if_all_its_tests_pass() -> None:
    broken, whole = result("W23", Outcome.FAILED), result("W23")
    known = [replace(each, known="decode() raises") for each in (whole, broken, whole)]
    assert not gathered(*known)[0].is_stale
    assert gathered(*known[::2])[0].is_stale
    assert not gathered(whole)[0].is_stale


@pytest.mark.parametrize(
    ("results", "verdict", "reason"),
    [
        ([result("W01")], Conformance.CONFORMANT, "every MUST was judged and holds"),
        (
            [result("W01"), result("W28", Outcome.FAILED, "SHOULD")],
            Conformance.CONFORMANT,
            "every MUST was judged and holds",
        ),
        ([result("W01", Outcome.FAILED)], Conformance.NONCONFORMANT, "W01 does not hold"),
        (
            [result(f"W0{number}", Outcome.FAILED) for number in range(1, 8)],
            Conformance.NONCONFORMANT,
            "W01, W02, W03, W04 and 3 others do not hold",
        ),
        (
            [result("W01"), result("W02", Outcome.NOT_JUDGED)],
            Conformance.INCONCLUSIVE,
            "no MUST failed, but W02 was not judged",
        ),
        ([result("W28", Outcome.PASSED, "SHOULD")], Conformance.INCONCLUSIVE, "no MUST was asked for"),
    ],
)
def test_the_verdict(results: list[Result], verdict: Conformance, reason: str) -> None:
    whole = [each.id for each in results]
    assert conformance(results, whole=whole, gaps=[]) == Conclusion(verdict, reason)


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ([result("B01")], "1 of 3 clauses was asked for, and it holds"),
        ([result("B01"), result("W01")], "2 of 3 clauses were asked for, and they hold"),
        (
            [result("B01"), result("W01", Outcome.NOT_JUDGED)],
            "2 of 3 clauses were asked for, and W01 was not judged",
        ),
        (
            [result("B01"), result("W28", Outcome.FAILED, "SHOULD")],
            "2 of 3 clauses were asked for, and no MUST among them failed",
        ),
        ([], "none of 3 clauses was asked for"),
    ],
)
def test_a_selection_is_no_more_than_a_selection(results: list[Result], reason: str) -> None:
    whole = ["B01", "W01", "W28"]
    assert conformance(results, whole=whole, gaps=[]) == Conclusion(Conformance.INCONCLUSIVE, reason)


def test_a_selection_in_which_a_must_failed_is_not_conformant() -> None:
    found = conformance([result("W01", Outcome.FAILED)], whole=["B01", "W01"], gaps=[])
    assert found.verdict is Conformance.NONCONFORMANT


def test_a_run_with_a_gap_is_never_conformant() -> None:
    gaps = ["12 tests did not come to their end: the run was interrupted", "B02 was asked for in part"]
    whole = ["W01"]
    assert conformance([result("W01")], whole=whole, gaps=gaps) == Conclusion(
        Conformance.INCONCLUSIVE, gaps[0]
    )
    failed = conformance([result("W01", Outcome.FAILED)], whole=whole, gaps=gaps)
    assert failed.verdict is Conformance.NONCONFORMANT


@pytest.mark.parametrize("change", Change)
def test_a_clause_that_is_not_in_the_edition_counts_for_nothing(change: Change) -> None:
    broken = replace(result("W51", Outcome.FAILED), change=change)
    out_of_date = replace(result("W52"), change=change, known="decode() raises")
    assert not broken.breaks_conformance
    assert not out_of_date.is_stale
    found = conformance([result("W01"), broken, out_of_date], whole=["W01"], gaps=[], edition="1.0")
    assert found == Conclusion(Conformance.CONFORMANT, "every MUST of edition 1.0 was judged and holds")


def test_an_edition_is_asked_for_as_a_whole() -> None:
    new = replace(result("W51"), change=Change.NEW)
    some = conformance([result("W01"), new], whole=["W01", "W02"], gaps=[], edition="1.0")
    assert some == Conclusion(
        Conformance.INCONCLUSIVE, "1 of 2 clauses of edition 1.0 was asked for, and it holds"
    )
    none = conformance([new], whole=["W01", "W02"], gaps=[], edition="1.0")
    assert none.reason == "none of 2 clauses of edition 1.0 was asked for"


@pytest.mark.parametrize(
    ("lapsed", "says"),
    [
        (["W02"], "except W02, which was reworded or retired since"),
        (["W02", "W05"], "except W02 and W05, which were reworded or retired since"),
    ],
)
def test_the_reason_names_what_nobody_can_be_judged_by_any_more(lapsed: list[str], says: str) -> None:
    found = conformance([result("W01")], whole=["W01"], gaps=[], edition="1.0", lapsed=lapsed)
    assert found.verdict is Conformance.CONFORMANT
    assert found.reason == f"every MUST of edition 1.0 was judged and holds, {says}"


@given(st.lists(st.sampled_from(Outcome)))
def test_every_clause_is_counted_once(outcomes: list[Outcome]) -> None:
    tally = counts([result(f"W{number:02}", each) for number, each in enumerate(outcomes, 1)])
    assert set(tally) == {"passed", "failed", "not judged"}
    assert sum(tally.values()) == len(outcomes)


def test_a_run_without_a_producer_says_so_if_it_is_conformant() -> None:
    concluded = conformance(gathered(result("W01")), whole=["W01"], gaps=[], absent=Role.PRODUCER)
    assert concluded.verdict is Conformance.CONFORMANT
    assert concluded.reason.endswith("holds; there is no producer, so no clause of a producer is asked")
