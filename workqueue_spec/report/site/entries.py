"""The clauses of the site: those of the specification, and a team's own ones that the reports hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...specification.chapters import all_clauses
from ...specification.clauses import Clause, order
from ...specification.remedies import remedy_of
from .runs import ClauseData, Program


@dataclass(frozen=True)
class Entry:
    """A clause, with what the specification says of it."""

    id: str
    slug: str
    class_: str
    level: str
    role: str
    statement: str
    procedure: str = ""
    source: str = ""
    presumes: tuple[str, ...] = ()
    test: str = ""
    """The path of the file that judges it, from the root of the repository; empty if it is a team's own clause."""
    remedy: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Breaker:
    """A mutant: a program or a broker that breaks clauses on purpose."""

    name: str
    path: str
    """The path of its file from the root of the repository."""
    says: str
    breaks: tuple[str, ...]
    """The ids of the clauses that it breaks. Its text tells of the first one; the others follow from it."""


def entries(programs: Iterable[Program]) -> dict[str, Entry]:
    """All clauses by their ids, in the order of the specification. A clause that only a report knows is as the
    first report says.
    """
    found = {each.id: _of_the_specification(each) for each in all_clauses()}
    for program in programs:
        for run in program.runs:
            for each in run.report["clauses"]:
                if each["id"] not in found:
                    found[each["id"]] = _of_a_report(each)
    return {id_: found[id_] for id_ in sorted(found, key=order)}


def _of_the_specification(clause: Clause) -> Entry:
    remedy = remedy_of(clause)
    return Entry(
        id=clause.id,
        slug=clause.slug,
        class_=clause.class_,
        level=clause.level,
        role=clause.role,
        statement=clause.statement,
        procedure=clause.procedure,
        source=clause.source,
        presumes=clause.presumes,
        test=f"{clause.test.partition('::')[0].removeprefix('workqueue_spec.').replace('.', '/')}.py",
        remedy=None if remedy is None else remedy.as_data(),
    )


def _of_a_report(clause: ClauseData) -> Entry:
    return Entry(
        id=clause["id"],
        slug=clause["slug"],
        class_=clause["class"],
        level=clause["level"],
        role=clause["subject"],
        statement=clause["statement"],
    )
