"""Ratios, spreads and goals of given values, and the table that shows them."""

import pytest

from benchmarks.rows import Row, Spread, at_least, at_most, number, ratios
from benchmarks.table import as_json, markdown


def test_a_ratio_compares_values_of_the_same_round() -> None:
    assert ratios([4, 9], [2, 3]) == (2, 3)


def test_ratios_of_different_numbers_of_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios([4, 9], [2])


def test_a_spread_is_the_median_and_the_middle_half() -> None:
    assert Spread.of([5, 1, 4, 2, 3]) == Spread(2, 3, 4)


def test_one_value_is_its_own_spread() -> None:
    assert Spread.of([7]) == Spread(7, 7, 7)


@pytest.mark.parametrize(("goal", "kept", "missed"), [(at_most(2), 2.0, 2.1), (at_least(2), 2.0, 1.9)])
def test_a_goal_is_reached_at_its_value(goal: object, kept: float, missed: float) -> None:
    assert isinstance(goal, type(at_most(2)))
    assert goal.reached(kept)
    assert not goal.reached(missed)


@pytest.mark.parametrize(
    ("value", "shown"), [(0.123, "0.12"), (12.34, "12.3"), (7552.4, "7552"), (-0.5, "-0.50")]
)
def test_a_number_is_shown_with_few_figures(value: float, shown: str) -> None:
    assert number(value) == shown


def test_the_table_shows_median_spread_and_goal() -> None:
    row = Row("tap: speed", "direct", (0.9, 1.0, 1.1), goal=at_least(0.8), note="in one run")
    heading, rule, line = markdown([row]).splitlines()
    assert [cell.strip() for cell in heading.strip("|").split("|")] == [
        *("what", "beside", "median", "middle half", "goal", "rounds", "note")
    ]
    assert set(rule) == set("| -")
    assert [cell.strip() for cell in line.strip("|").split("|")] == [
        *("tap: speed", "direct", "1.00 x", "0.95 to 1.05", "at least 0.80: reached", "3", "in one run")
    ]


def test_a_missed_goal_is_called_missed() -> None:
    assert "at most 2.00: missed" in markdown([Row("check", values=(3.0,), goal=at_most(2))])


def test_what_was_not_measured_says_why() -> None:
    row = Row("socat: speed", "direct", why_not="socat is not installed")
    line = markdown([row]).splitlines()[-1]
    assert "not measured" in line
    assert "socat is not installed" in line
    assert as_json(row) == {
        "what": "socat: speed",
        "beside": "direct",
        "unit": "x",
        "why_not": "socat is not installed",
    }


def test_json_holds_every_value() -> None:
    row = Row("check", "", (10.0, 20.0, 30.0), "s", at_most(15), details={"nodes opened": 3})
    assert as_json(row) == {
        "what": "check",
        "beside": "",
        "unit": "s",
        "goal": {"at_most": 15},
        "median": 20,
        "low": 15,
        "high": 25,
        "values": [10, 20, 30],
        "reached": False,
        "details": {"nodes opened": 3},
        "note": "",
    }
