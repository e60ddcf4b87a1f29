"""What changed from one JSON report to another, as a pure function of the two."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .transcript import safe

Report = Mapping[str, Any]
ClauseData = Mapping[str, Any]

SCHEMAS = (1, 2)
"""The schemas that can be compared. What they say of a clause's outcome, level and edition is alike."""
_OUTCOMES = ("passed", "failed", "not judged")
_CONTEXT = ("subject", "broker", "queue_type", "edition", "verdict")
_WIDTH = 80


@dataclass(frozen=True)
class Change:
    """A clause that is not in both reports, or not alike in both."""

    old: ClauseData | None
    new: ClauseData | None

    @property
    def clause(self) -> ClauseData:
        """The clause as the newer report has it, or else as the older one has it."""
        found = self.new if self.new is not None else self.old
        assert found is not None
        return found

    @property
    def became(self) -> str:
        """The outcome in the newer report, if it is another one than before; empty if it is the same, or if the
        newer report does not have the clause.
        """
        if self.new is None:
            return ""
        return "" if _outcome(self.old) == self.new["outcome"] else str(self.new["outcome"])

    @property
    def breaks_a_must(self) -> bool:
        """Whether a MUST is broken now that was not broken before. A known failure does not count, and neither does
        a clause that the edition does not judge by.
        """
        return (
            self.new is not None
            and _is_broken_must(self.new)
            and not self.new.get("known_failure")
            and not (self.old is not None and _is_broken_must(self.old))
        )


@dataclass(frozen=True)
class Comparison:
    """All changes from one report to another."""

    context: Sequence[str]
    """Lines that say in what the two runs differ, such as the broker."""
    changes: Sequence[Change]

    @property
    def newly_broken(self) -> list[str]:
        """The ids of the MUSTs that are broken now and were not before."""
        return [str(each.clause["id"]) for each in self.changes if each.breaks_a_must]

    def lines(self) -> Iterator[str]:
        """What a person reads, in 80 columns; the conclusion is the last line."""
        yield from self.context
        counted = []
        for title, outcome in (
            ("newly failing", "failed"),
            ("newly passing", "passed"),
            ("newly not judged", "not judged"),
        ):
            found = [each for each in self.changes if each.became == outcome]
            counted.append(f"{len(found)} {title}")
            yield from _section(title, [line for each in found for line in _outcome_lines(each)])
        yield from _section(
            "only in the older report", [_named(each.clause) for each in self.changes if each.new is None]
        )
        yield from _section(
            "level, class or edition", [line for each in self.changes for line in _meaning_lines(each)]
        )
        broken = self.newly_broken
        newly = f"newly broken MUST: {', '.join(broken)}" if broken else "no MUST is newly broken"
        yield from textwrap.wrap(f"{', '.join(counted)}; {newly}", _WIDTH, subsequent_indent="    ")


def mistake_in(report: object) -> str:
    """Why this is no report that can be compared, as the end of a sentence; empty if it is one."""
    if not isinstance(report, dict):
        return "is not an object of JSON"
    clauses = report.get("clauses")
    if "verdict" not in report or not isinstance(clauses, list):
        return "is not a report of `check`"
    if report.get("schema") not in SCHEMAS:
        shown = safe(str(report.get("schema")), 20)
        return f"has the schema {shown}, and {' and '.join(map(str, SCHEMAS))} can be compared"
    for clause in clauses:
        if not isinstance(clause, dict) or clause.get("outcome") not in _OUTCOMES:
            return "has a clause without an outcome"
        if not all(isinstance(clause.get(key), str) for key in ("id", "slug", "level", "class", "reason")):
            return "has a clause without an id, slug, level, class or reason"
    return ""


def compare(old: Report, new: Report) -> Comparison:
    """The changes from the older report to the newer one, in the order of the newer one's clauses."""
    before = {each["id"]: each for each in old["clauses"]}
    after = {each["id"]: each for each in new["clauses"]}
    changes = [
        Change(before.get(id_), after.get(id_))
        for id_ in (*after, *(each for each in before if each not in after))
    ]
    context = [
        safe(f"{key.replace('_', ' ')}: {_shown(old.get(key))} -> {_shown(new.get(key))}", 600)
        for key in _CONTEXT
        if old.get(key) != new.get(key)
    ]
    return Comparison(
        [line for each in context for line in textwrap.wrap(each, _WIDTH, subsequent_indent="    ")],
        [each for each in changes if each.new is None or each.became or list(_meaning_lines(each))],
    )


def _outcome(clause: ClauseData | None) -> str:
    return "not in the report" if clause is None else str(clause["outcome"])


def _is_broken_must(clause: ClauseData) -> bool:
    return clause["outcome"] == "failed" and clause["level"] == "MUST" and not clause.get("edition")


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from (f"  {line}" for line in lines)


def _named(clause: ClauseData) -> str:
    return safe(f"{clause['id']} {clause['slug']} ({clause['level']})", _WIDTH - 2)


def _outcome_lines(change: Change) -> Iterator[str]:
    clause = change.clause
    known = ", a known failure" if clause.get("known_failure") else ""
    yield safe(f"{_named(clause)}: {_outcome(change.old)} before{known}", _WIDTH - 2)
    if clause["outcome"] != "passed" and clause["reason"]:
        yield from textwrap.wrap(
            safe(clause["reason"], 300), _WIDTH - 2, initial_indent="  ", subsequent_indent="  "
        )


def _meaning_lines(change: Change) -> Iterator[str]:
    """Where the two reports differ in what the clause means for the verdict."""
    if change.old is None or change.new is None:
        return
    for key in ("level", "class", "edition"):
        old, new = change.old.get(key), change.new.get(key)
        if old != new:
            yield safe(
                f"{change.new['id']} {change.new['slug']}: {key} {_shown(old)} -> {_shown(new)}", _WIDTH - 2
            )


def _shown(value: object) -> str:
    return "none" if value is None else str(value)
