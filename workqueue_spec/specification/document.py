"""SPEC.md, written from the chapters: `python -m workqueue_spec.specification` writes it again."""

from pathlib import Path

from .. import ROOT
from .chapters import RETIRED, Chapter, chapters
from .clauses import Clause, Level

FILE = ROOT / "SPEC.md"

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
    facts = [f"{clause.class_}, {clause.level}, owed by the {clause.role}", clause.source]
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
