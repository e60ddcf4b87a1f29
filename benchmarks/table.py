"""Rows as a table in Markdown, and as JSON."""

from collections.abc import Sequence
from typing import Any

from .rows import Row, number

HEADINGS = ("what", "beside", "median", "middle half", "goal", "rounds", "note")


def markdown(rows: Sequence[Row]) -> str:
    """The table, with columns of even width, so that it can be read in a terminal too."""
    lines = [HEADINGS, *map(cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS) - 1)]
    widths.append(len(HEADINGS[-1]))  # a long note makes no other line longer
    rule = tuple("-" * width for width in widths)
    shown = [lines[0], rule, *lines[1:]]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in shown
    )


def cells(row: Row) -> tuple[str, ...]:
    """The cells of one row."""
    if not row.values:
        goal = "" if row.goal is None else str(row.goal)
        return (row.what, row.beside, "not measured", "", goal, "", row.why_not)
    spread = row.spread
    goal = ""
    if row.goal is not None:
        goal = f"{row.goal}: {'reached' if row.goal.reached(spread.median) else 'missed'}"
    middle = f"{number(spread.low)} to {number(spread.high)}" if len(row.values) > 1 else ""
    return (
        row.what,
        row.beside,
        f"{number(spread.median)} {row.unit}",
        middle,
        goal,
        str(len(row.values)),
        row.note,
    )


def as_json(row: Row) -> dict[str, Any]:
    """The row as data. What was not measured has `why_not` and no values."""
    data: dict[str, Any] = {"what": row.what, "beside": row.beside, "unit": row.unit}
    if row.goal is not None:
        data["goal"] = {"at_least" if row.goal.at_least else "at_most": row.goal.value}
    if not row.values:
        return {**data, "why_not": row.why_not}
    spread = row.spread
    data |= {"median": spread.median, "low": spread.low, "high": spread.high, "values": list(row.values)}
    if row.goal is not None:
        data["reached"] = row.goal.reached(spread.median)
    if row.details:
        data["details"] = dict(row.details)
    return {**data, "note": row.note}
