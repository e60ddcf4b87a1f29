"""SPEC.md, written from the chapters. `python -m workqueue_spec.specification` writes it again."""

from pathlib import Path

from .. import ROOT
from .chapters import RETIRED, Chapter, chapters
from .clauses import Clause, Level

FILE = ROOT / "SPEC.md"

_HEAD = """\
# The work queue: a specification

<!-- Written by `python -m workqueue_spec.specification` from spec_tests/. Do not edit it here. -->

A *producer* puts tasks on a queue. *Workers* share the queue and do the tasks. A *broker* stands between them.
This specification says in numbered clauses what each of them owes to the others. A clause is judged from
outside: by what passes on the wire, by what is on the queue, and by how a program ends. The last line of a
clause names the test that judges it.

**Class.** *core*: what RabbitMQ's work queue tutorial promises. *production*: what a team needs in addition
when it runs a work queue in production. **Level.** MUST, SHOULD and MAY as in RFC 2119. A clause keeps its
number for good.
"""


def specification() -> str:
    """The text of SPEC.md."""
    all_chapters = list(chapters())
    lines = [_HEAD, *_contents(all_chapters)]
    for chapter in all_chapters:
        lines += [f"## {chapter.title}", "", chapter.introduction, ""]
        for clause in chapter.clauses:
            lines += _clause(clause)
    if RETIRED:
        lines += ["## Retired", "", *(f"- **{id_}**: {reason}" for id_, reason in RETIRED.items()), ""]
    return "\n".join(lines).rstrip() + "\n"


def _contents(all_chapters: list[Chapter]) -> list[str]:
    rows = [
        f"| {chapter.title} | {len(chapter.clauses)} | "
        f"{sum(clause.level is Level.MUST for clause in chapter.clauses)} |"
        for chapter in all_chapters
    ]
    return ["| chapter | clauses | of them MUST |", "|---|---|---|", *rows, ""]


def _clause(clause: Clause) -> list[str]:
    facts = [f"{clause.class_}, {clause.level}, owed by the {clause.role}", clause.source]
    if clause.presumes:
        facts.append(f"presumes {', '.join(clause.presumes)}")
    module, _, function = clause.test.partition("::")
    test = f"[`{function}`]({module.replace('.', '/')}.py)"
    procedure = [f"How it is tested: {clause.procedure}", ""] if clause.procedure else []
    return [
        f"### {clause.id} {clause.slug}",
        "",
        f"**{clause.statement}**",
        "",
        *procedure,
        f"<sub>{' · '.join(facts)} · {test}</sub>",
        "",
    ]


def main(file: Path = FILE) -> None:
    """Writes the specification to the file."""
    file.write_text(specification(), encoding="utf-8")
