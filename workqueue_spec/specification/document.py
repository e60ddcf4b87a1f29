"""SPEC.md, written from the chapters. `python -m workqueue_spec.specification` writes it again."""

import re
from collections.abc import Iterator
from pathlib import Path

from .. import ROOT
from .chapters import RETIRED, Chapter, chapters
from .clauses import Clause, Level
from .remedies import Remedy, Setting, all_settings, remedy_of

FILE = ROOT / "SPEC.md"

_HEAD = """\
# The work queue: a specification

<!-- Written by `python -m workqueue_spec.specification` from spec_tests/. Do not edit it here. -->

A *producer* puts tasks on a queue. *Workers* share the queue and do the tasks. A *broker* stands between them.
This specification says in numbered clauses what each of them owes to the others. A clause is judged from
outside: by what passes on the wire, by what is on the queue, and by how a program ends. The last line of a
clause names the test that judges it. [How common libraries do it](#how-common-libraries-do-it) has the calls and
the settings of thirteen libraries.

**Class.** *core*: what RabbitMQ's work queue tutorial promises. *production*: what a team needs in addition
when it runs a work queue in production. **Level.** MUST, SHOULD and MAY as in RFC 2119. A clause keeps its
number for good.
"""

_MARKUP = re.compile(r"[\\*<\[$]|(?<!\w)_|_(?!\w)")
_APPENDIX = "How common libraries do it"
_ABOUT_THE_APPENDIX = """\
A library is left out if it has nothing to call or to set for a subject. This appendix is no part of the
specification: a program may keep its promises in any other way.
"""


def specification() -> str:
    """The text of SPEC.md."""
    all_chapters = list(chapters())
    lines = [_HEAD, *_contents(all_chapters)]
    for chapter in all_chapters:
        lines += [f"## {chapter.title}", "", chapter.introduction, ""]
        for clause in chapter.clauses:
            lines += _clause(clause)
    lines += _appendix()
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
    if clause.for_services:
        facts.insert(1, "asked of services alone")
    if clause.for_both:
        facts.insert(1, "asked if there are a producer and a worker")
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
        *_picture(clause),
        *procedure,
        *_remedy(remedy_of(clause)),
        f"<sub>{' · '.join(facts)} · {test}</sub>",
        "",
    ]


def _remedy(remedy: Remedy | None) -> Iterator[str]:
    if remedy is None:
        return
    yield from (f"Why it matters: {escaped(remedy.why)}", "")
    links = [f"[{place.path}:{place.line}]({place.path}#L{place.line})" for place in remedy.reference]
    in_reference = f" In the reference: {', '.join(links)}." if links else ""
    subjects = [f"[{each.subject}](#{anchor(each.subject)})" for each in remedy.settings]
    in_libraries = f" In common libraries: {', '.join(subjects)}." if subjects else ""
    yield from (f"How to mend it: {escaped(remedy.how)}{in_reference}{in_libraries}", "")


def _appendix() -> Iterator[str]:
    yield from (f"## {_APPENDIX}", "", _ABOUT_THE_APPENDIX)
    for setting in all_settings():
        yield from (f"### {setting.subject}", "", *_calls(setting), "")


def _calls(setting: Setting) -> Iterator[str]:
    for call in setting.calls:
        yield f"- [{call.library}]({call.link}): {escaped(call.do)}"


def escaped(text: str) -> str:
    """The text as Markdown shows it unchanged: only what is in backquotes has a meaning."""
    parts = text.split("`")
    return "`".join(
        part if number % 2 else _MARKUP.sub(r"\\\g<0>", part) for number, part in enumerate(parts)
    )


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _picture(clause: Clause) -> list[str]:
    file = Path("docs", "pictures", f"{clause.slug}.svg")
    return [f"![{clause.statement}]({file})", ""] if (ROOT / file).is_file() else []


def main(file: Path = FILE) -> None:
    """Writes the specification to the file."""
    file.write_text(specification(), encoding="utf-8")
