"""The list of known failures that a run writes."""

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workqueue_spec.report import known_failures
from workqueue_spec.report.known_failures import MARK, updated
from workqueue_spec.specification.edition import Change
from workqueue_spec.specification.outcomes import Outcome, Result


def result(id_: str, outcome: Outcome = Outcome.FAILED, level: str = "MUST") -> Result:
    reason = "" if outcome is Outcome.PASSED else "expected an end; seen: none"
    return Result(id_, "slug", "core", level, "worker", "It does.", (), outcome, 0.5, reason)


def test_what_failed_is_on_the_list_in_the_order_of_the_specification() -> None:
    results = [result("W10", level="SHOULD"), result("B02"), result("W07"), result("W01", Outcome.PASSED)]
    assert list(updated(results, {}, holds=["W01"])) == ["B02", "W07", "W10"]


def test_what_was_not_judged_is_no_failure() -> None:
    assert updated([result("W07", Outcome.NOT_JUDGED)], {}, holds=()) == {}


def test_what_is_not_in_the_edition_is_not_on_the_list() -> None:
    assert updated([replace(result("W07"), change=Change.NEW)], {}, holds=()) == {}


def test_a_reason_of_before_is_kept() -> None:
    before = {"W07": "its framework (https://example.org/1)"}
    assert updated([result("W07")], before, holds=()) == before


def test_a_clause_leaves_the_list_only_if_it_holds() -> None:
    before = {"W07": "a", "W10": "b", "W12": "c"}
    results = [result("W07", Outcome.PASSED), result("W10", Outcome.NOT_JUDGED)]
    assert updated(results, before, holds=["W07"]) == {"W10": "b", "W12": "c"}


@pytest.mark.parametrize(
    ("reason", "written"),
    [
        ("expected a\nb; seen: none", "expected a b; seen: none"),
        ("\x1b[2J", "\\x1b[2J"),
        ("x" * 400, "x" * 297 + "..."),
    ],
)
def test_a_reason_is_one_short_line_that_no_terminal_obeys(reason: str, written: str) -> None:
    assert updated([replace(result("W07"), reason=reason)], {}, holds=()) == {"W07": written}


@given(st.dictionaries(st.sampled_from(["B01", "W07"]), st.text(st.characters(exclude_categories=["Cs"]))))
def test_what_is_written_is_toml(reasons: dict[str, str]) -> None:
    text = known_failures.text(reasons, day="2026-01-01", description="two\nlines")
    assert tomllib.loads(text) == {"known_failures": reasons}
    assert text.startswith(f"{MARK}, 2026-01-01: two\\nlines.\n")
