"""The pages of the site. They ask for nothing, and only the matrix has a script, for its filters.

Every text of a report is a stranger's. The templates escape all that they show. Each page's policy (CSP) allows its
style sheet and its script, by their hashes, and nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...specification.outcomes import Conformance, Outcome
from ..html.page import SIGNS, page
from ..html.templates import digest, environment, style
from .badge import badge
from .entries import Breaker, Entry, entries
from .runs import ClauseData, Program, Run, worst

if TYPE_CHECKING:
    import jinja2

_HOME = Path(__file__).parent
_OUTCOMES = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.NOT_JUDGED: "-"}
_IN_WORDS = {"✓": "kept", "✗": "broken", "-": "not judged", "·": "not asked for"}


@dataclass(frozen=True)
class Finding:
    """A clause that has one outcome, for one reason, in some runs of a program."""

    program: Program
    entry: Entry
    reason: str
    runs: tuple[Run, ...]


def site(
    programs: Sequence[Program], mutants: Sequence[Breaker], repository: str
) -> Iterator[tuple[str, str]]:
    """The name of each file, from the folder of the site, with its content. `repository` is the address of this
    project.
    """
    made = _environment(repository)
    clauses = entries(programs)
    runs = [run for program in programs for run in program.runs]
    yield "index.html", _index(made, programs, clauses)
    for program in programs:
        yield f"programs/{program.slug}.html", _program(made, program, clauses)
        yield from _badges(program)
    for entry in clauses.values():
        yield f"clauses/{entry.id}.html", _clause(made, entry, clauses, programs, mutants)
    for run in runs:
        yield run.address, page(run.report, repository, "../../")


def _environment(repository: str) -> "jinja2.Environment":
    import markupsafe  # noqa: PLC0415 - only who wants HTML needs it

    made = environment(_HOME)
    sheet = style() + (_HOME / "site.css").read_text(encoding="utf-8")
    script = (_HOME / "filters.js").read_text(encoding="utf-8")
    made.globals.update(
        repository=repository,
        style=markupsafe.Markup(sheet),
        style_hash=digest(sheet),
        script=markupsafe.Markup(script),
        script_hash=digest(script),
        signs=SIGNS,
        in_words=_IN_WORDS,
        worst=worst,
    )
    return made


def _index(made: "jinja2.Environment", programs: Sequence[Program], clauses: Mapping[str, Entry]) -> str:
    columns = [(program, run) for program in programs for run in program.runs]
    tables = [{each["id"]: each for each in run.report["clauses"]} for _, run in columns]
    rows = [(entry, [_sign(table.get(entry.id)) for table in tables]) for entry in clauses.values()]
    settings = sorted({(run.broker.label, run.queue_type) for _, run in columns})
    by_setting = {
        program.slug: {(run.broker.label, run.queue_type): run for run in program.runs}
        for program in programs
    }
    return made.get_template("index.html.j2").render(
        root="",
        programs=programs,
        columns=columns,
        rows=rows,
        settings=settings,
        by_setting=by_setting,
        brokers=sorted({run.broker.label for _, run in columns}),
        days=sorted({str(run.report["started"])[:10] for _, run in columns}),
    )


def _sign(clause: ClauseData | None) -> str:
    return "·" if clause is None else _OUTCOMES[Outcome(clause["outcome"])]


def _badges(program: Program) -> Iterator[tuple[str, str]]:
    """The badge of all runs of the program, and one for each broker."""
    shown = {f"badge/{program.slug}": badge(program.runs)}
    for broker in program.brokers:
        runs = [each for each in program.runs if each.broker == broker]
        shown[f"badge/{program.slug}/{broker.slug}"] = badge(runs, broker.label)
    for name, each in shown.items():
        yield f"{name}.svg", each.as_svg()
        yield f"{name}.json", each.as_endpoint()


def _program(made: "jinja2.Environment", program: Program, clauses: Mapping[str, Entry]) -> str:
    import markupsafe  # noqa: PLC0415

    found: dict[Outcome, list[Finding]] = {
        outcome: [each for entry in clauses.values() for each in _findings(program, entry, outcome)]
        for outcome in (Outcome.FAILED, Outcome.NOT_JUDGED)
    }
    unjudged: dict[str, list[Finding]] = {}
    for each in found[Outcome.NOT_JUDGED]:
        unjudged.setdefault(each.reason, []).append(each)
    return made.get_template("program.html.j2").render(
        root="../",
        program=program,
        verdict=worst(program.runs),
        all_conformant=worst(program.runs) is Conformance.CONFORMANT,
        failed=found[Outcome.FAILED],
        unjudged=unjudged,
        badge=markupsafe.Markup(badge(program.runs).as_svg()),
    )


def _clause(
    made: "jinja2.Environment",
    entry: Entry,
    clauses: Mapping[str, Entry],
    programs: Sequence[Program],
    mutants: Sequence[Breaker],
) -> str:
    breaking = [each for each in mutants if entry.id in each.breaks]
    kept = [
        program for program in programs if all(_sign(run.clause(entry.id)) == "✓" for run in program.runs)
    ]
    return made.get_template("clause.html.j2").render(
        root="../",
        entry=entry,
        clauses=clauses,
        presumed_by=[each for each in clauses.values() if entry.id in each.presumes],
        settings=_by_subject(entry.remedy),
        failed=[each for program in programs for each in _findings(program, entry, Outcome.FAILED)],
        unjudged=[each for program in programs for each in _findings(program, entry, Outcome.NOT_JUDGED)],
        kept=kept,
        mutants=[each for each in breaking if each.breaks[0] == entry.id],
        also=[each for each in breaking if each.breaks[0] != entry.id],
        neighbours=_neighbours(list(clauses), entry.id),
    )


def _by_subject(remedy: Mapping[str, Any] | None) -> dict[str, list[Mapping[str, str]]]:
    """The calls of the libraries, by what they do."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for each in remedy["settings"] if remedy else ():
        found.setdefault(each["subject"], []).append(each)
    return found


def _neighbours(ids: Sequence[str], id_: str) -> tuple[str, str]:
    """The ids of the clauses before and after; empty at the ends."""
    place = ids.index(id_)
    return ids[place - 1] if place else "", ids[place + 1] if place + 1 < len(ids) else ""


def _findings(program: Program, entry: Entry, outcome: Outcome) -> Iterator[Finding]:
    of_reasons: dict[str, list[Run]] = {}
    for run in program.runs:
        clause = run.clause(entry.id)
        if clause is not None and clause["outcome"] == outcome:
            of_reasons.setdefault(_reason(clause), []).append(run)
    for reason, runs in of_reasons.items():
        yield Finding(program, entry, reason, tuple(runs))


def _reason(clause: ClauseData) -> str:
    """Why the clause has its outcome. What a person wrote of a known failure comes first."""
    known = clause["known_failure"] if clause["outcome"] == Outcome.FAILED else ""
    return str(known or clause["reason"])
