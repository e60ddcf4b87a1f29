"""A team's own clauses: their ids, their place among the others, and what they mean for the verdict."""

from dataclasses import replace

import pytest

from workqueue_spec import importable
from workqueue_spec.report.known_failures import updated
from workqueue_spec.specification import clause, must, production, should, worker
from workqueue_spec.specification.clauses import Clause, Level, clause_of, is_own
from workqueue_spec.specification.outcomes import Outcome, Result, Results, conformance


def own(id_: str, *, level: Level = must, module: str = "test_ours") -> Clause:
    def test_it() -> None:
        """It holds."""

    test_it.__module__ = module
    mark = clause(id_, "it-holds", production, level, owed_by=worker, source="https://wiki.example")
    found = clause_of(mark(test_it))
    assert found is not None
    return found


def result(id_: str, outcome: Outcome = Outcome.PASSED, level: Level = must) -> Result:
    """The result of a clause of this id, which may be one of the specification's."""
    made = Result.of(own("T01", level=level), outcome, 0.1)
    return replace(made, id=id_)


@pytest.mark.parametrize("id_", ["T01", "A1", "Z9999"])
def test_an_own_clause_has_another_letter(id_: str) -> None:
    assert own(id_).own
    assert is_own(id_)


@pytest.mark.parametrize("id_", ["B01", "P01", "W99", "S01"])
def test_the_specifications_letters_are_refused(id_: str) -> None:
    assert not is_own(id_)
    with pytest.raises(ValueError, match="belong to the specification; give yours another one, as T01"):
        own(id_)


@pytest.mark.parametrize("id_", ["", "t01", "T", "01", "TT1", "T-1", "T12345", "T\u0661"])
def test_what_is_no_id_is_refused(id_: str) -> None:
    with pytest.raises(ValueError, match="is no id of a clause; give a capital letter and a number"):
        own(id_)


def test_a_chapter_has_the_specifications_letters_only() -> None:
    chapter = importable("spec_tests.test_worker")
    assert not own("W99", module=chapter).own
    with pytest.raises(
        ValueError, match="the specification's own clauses have one of the letters B, P, W, S"
    ):
        own("T01", module=chapter)


def test_own_clauses_come_after_the_specifications() -> None:
    results = Results()
    for id_ in ("T10", "A02", "S01", "T9", "B01", "W01", "P01"):
        results.add(result(id_))
    in_order = ["B01", "P01", "W01", "S01", "A02", "T9", "T10"]
    assert [each.id for each in results.clauses()] == in_order
    known = updated([result(id_, Outcome.FAILED) for id_ in reversed(in_order)], {}, set())
    assert list(known) == in_order


PASSED, FAILED, NOT_JUDGED = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_JUDGED


@pytest.mark.parametrize(
    ("results", "verdict", "reason"),
    [
        (
            [result("T01"), result("T02"), result("T03")],
            "inconclusive",
            "3 clauses of your own hold; none of the specification's 2 was asked for",
        ),
        (
            [result("T01")],
            "inconclusive",
            "1 clause of your own holds; none of the specification's 2 was asked for",
        ),
        (
            [result("T01"), result("T02", NOT_JUDGED)],
            "inconclusive",
            "of 2 clauses of your own, T02 was not judged; none of the specification's 2 was asked for",
        ),
        ([result("T01", FAILED)], "nonconformant", "T01 does not hold"),
        (
            [result("T01", FAILED, should)],
            "inconclusive",
            "1 clause of your own is judged, and no MUST among them failed; none of the specification's 2 was "
            "asked for",
        ),
        (
            [result("W01"), result("W02"), result("T01")],
            "conformant",
            "every MUST was judged and holds; 1 clause of your own holds",
        ),
        (
            [result("W01"), result("W02"), result("T01", NOT_JUDGED)],
            "conformant",
            "every MUST was judged and holds; of 1 clause of your own, T01 was not judged",
        ),
        ([result("W01"), result("W02"), result("T01", FAILED)], "nonconformant", "T01 does not hold"),
        (
            [result("W01"), result("T01")],
            "inconclusive",
            "1 of 2 clauses was asked for, and it holds; 1 clause of your own holds",
        ),
    ],
)
def test_conformant_speaks_of_the_specification_only(
    results: list[Result], verdict: str, reason: str
) -> None:
    conclusion = conformance(results, whole=["W01", "W02"], gaps=[])
    assert (conclusion.verdict, conclusion.reason) == (verdict, reason)


def test_the_reason_names_the_edition() -> None:
    conclusion = conformance([result("T01")], whole=["W01"], gaps=[], edition="1.0")
    assert conclusion.reason == (
        "1 clause of your own holds; none of the 1 clauses of edition 1.0 was asked for"
    )
