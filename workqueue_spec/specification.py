"""SPEC.md, made from the clauses: `python -m workqueue_spec.specification` writes it anew."""

import functools
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from .clauses import Clause, Level, clause_of
from .subject import ROOT

FILE = ROOT / "SPEC.md"

CHAPTERS = (
    "declaration",
    "dispatch",
    "settlement",
    "publishing",
    "durability",
    "limits",
    "producer",
    "producer_trouble",
    "producer_alarm",
    "worker",
    "worker_failures",
    "worker_lifecycle",
    "worker_recovery",
    "chaos",
)
"""The chapters in the order in which they are read: modules of spec_tests, without their `test_`."""

RETIRED: dict[str, str] = {}
"""Clauses that turned out wrong, each with the reason that was measured."""

_HEAD = """\
# The work queue: a specification

<!-- Written by `python -m workqueue_spec.specification` from spec_tests/. Do not edit it here. -->

A *producer* puts tasks on a queue; *workers* share the queue and do them; a *broker* stands between. This
is what each owes to the others, as numbered clauses. A clause is judged from outside, by what passes on the
wire, by what is on the queue, and by how a program ends; the last line of each names the test that does so.

**Class.** *core*: what RabbitMQ's work-queue tutorial promises. *production*: what a team needs on top that
runs a work queue for real. **Level.** MUST, SHOULD and MAY as in RFC 2119. A number stays with its clause for
good.
"""


@dataclass(frozen=True)
class Chapter:
    """A chapter's title, its introduction, and its clauses."""

    title: str
    introduction: str
    clauses: tuple[Clause, ...]


def chapters() -> Iterator[Chapter]:
    """The chapters, in the order in which they are read."""
    for name in CHAPTERS:
        module = importlib.import_module(f"spec_tests.test_{name}")
        head, _, introduction = inspect.cleandoc(module.__doc__ or "").partition("\n\n")
        yield Chapter(" ".join(head.split()).rstrip("."), introduction.strip(), tuple(_clauses(module)))


@functools.cache
def clause_by_id(id_: str) -> Clause:
    """The clause of that number. Raises KeyError where there is none."""
    return {clause.id: clause for chapter in chapters() for clause in chapter.clauses}[id_]


def _clauses(module: ModuleType) -> Iterator[Clause]:
    for test in vars(module).values():
        found = clause_of(test)
        if found is not None and found.test.startswith(f"{module.__name__}::"):
            yield found


def specification() -> str:
    """The whole text."""
    told = list(chapters())
    lines = [_HEAD, *_contents(told)]
    for chapter in told:
        lines += [f"## {chapter.title}", "", chapter.introduction, ""]
        for clause in chapter.clauses:
            lines += _clause(clause)
    if RETIRED:
        lines += ["## Retired", "", *(f"- **{id_}**: {reason}" for id_, reason in RETIRED.items()), ""]
    return "\n".join(lines).rstrip() + "\n"


def _contents(told: list[Chapter]) -> list[str]:
    rows = [
        f"| {chapter.title} | {len(chapter.clauses)} | "
        f"{sum(clause.level is Level.MUST for clause in chapter.clauses)} |"
        for chapter in told
    ]
    return ["| chapter | clauses | of them MUST |", "|---|---|---|", *rows, ""]


def _clause(clause: Clause) -> list[str]:
    facts = [f"{clause.class_}, {clause.level}, owed by the {clause.subject}", clause.source]
    if clause.presumes:
        facts.append(f"presumes {', '.join(clause.presumes)}")
    module, _, function = clause.test.partition("::")
    test = f"[`{function}`]({module.replace('.', '/')}.py)"
    seen = [f"Seen: {clause.seen}", ""] if clause.seen else []
    return [
        f"### {clause.id} {clause.slug}",
        "",
        f"**{clause.statement}**",
        "",
        *seen,
        f"<sub>{' · '.join(facts)} · {test}</sub>",
        "",
    ]


def main(file: Path = FILE) -> None:
    """Writes the file."""
    file.write_text(specification(), encoding="utf-8")


if __name__ == "__main__":
    main()
