"""The page: a JSON report as one file of HTML. It has no script, and asks for nothing, even from this machine.

Every text of the report is a stranger's. The template escapes all that it shows, and shows control and
bidirectional characters as escapes. The page's policy (CSP) allows its one style sheet, by its hash, and nothing
else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...specification.edition import Change
from ..causes import Group, groups
from ..events import HistoryData
from ..explanation import evidence, in_short
from ..likely import ClauseData
from ..transcript import DECIDED, safe
from .drawing import drawn
from .layout import picture
from .legend import Sign, legend
from .shapes import NARROW, WIDE
from .templates import digest, environment, style
from .timeline import Timeline, timeline

Report = Mapping[str, Any]

SIGNS = {"conformant": "✓", "nonconformant": "✗", "inconclusive": "?"}


@dataclass(frozen=True)
class Row:
    """A line of a transcript."""

    text: str
    decided: bool


@dataclass(frozen=True)
class Shown:
    """A clause with what is shown of its histories."""

    clause: ClauseData
    svg: Mapping[str, str]
    """Its timeline as elements of SVG, for `wide` and `narrow` windows; empty if there is nothing to draw."""
    says: str
    """The timeline in a sentence, for those who do not see it."""
    legend: Sequence[Sign]
    rows: Sequence[Row]
    root: str
    """The id of the failure from which it follows; empty if it follows from none."""
    edition: str
    """Why the clause does not count; empty if it counts."""


@dataclass(frozen=True)
class Failure:
    """A failure, and those that follow from it."""

    root: Shown
    explained: Sequence[Shown]
    says: str
    """Which failure explains which, as in `Group`."""

    @property
    def in_a_sentence(self) -> str:
        """What is most probably wrong: the likely cause, or else what was expected and seen."""
        clause = self.root.clause
        name, cause = f"{clause['id']} {clause['slug']}", clause["likely_cause"]
        broken = f"{cause}, so {name} does not hold" if cause else f"{name} does not hold: {clause['reason']}"
        return f"{broken[:1].upper()}{broken[1:]}."


def page(report: Report, repository: str, site: str = "") -> str:
    """The whole page. `repository` is the address of this project, for links to its files.

    `site` is the way from the page to the folder of the site that it is part of, such as `../`; empty if it stands
    alone.
    """
    import markupsafe  # noqa: PLC0415 - only a run that wants HTML needs it

    sheet = style()
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            report=report,
            repository=repository,
            site=site,
            style=markupsafe.Markup(sheet),
            style_hash=digest(sheet),
            sign=SIGNS.get(report["verdict"], ""),
            in_short=in_short,
            **_sections(report),
        )
    )


def _sections(report: Report) -> dict[str, Any]:
    clauses: Sequence[ClauseData] = report["clauses"]
    edition = str(report["edition"] or "")
    found = groups(clauses)
    passed = [each for each in clauses if each["outcome"] == "passed"]
    return {
        "failures": list(_failures(found, edition)),
        "known": [
            _shown(each, _root_of(found, each), edition)
            for group in found
            for each in (group.root, *group.explained)
            if _is_known(each)
        ],
        "stale": [each for each in passed if each["known_failure"] and each["edition"] is None],
        "unjudged": _by_reason(each for each in clauses if each["outcome"] == "not judged"),
        "behaviours": [
            (name, _shown(each, "", edition))
            for id_, name in report["behaviours"].items()
            for each in clauses
            if each["id"] == id_ and (each["outcome"] != "passed" or each["histories"])
        ],
        "passed": passed,
    }


def _failures(found: Iterable[Group], edition: str) -> Iterator[Failure]:
    """The failures that are not known, each with those that follow from it."""
    for group in found:
        rest = [each for each in (group.root, *group.explained) if not _is_known(each)]
        if not rest:
            continue
        first, *others = [_shown(each, _root_of([group], each), edition) for each in rest]
        yield Failure(first, others, group.says)


def _is_known(clause: ClauseData) -> bool:
    return bool(clause["known_failure"]) and clause["edition"] is None


def _root_of(found: Iterable[Group], clause: ClauseData) -> str:
    """The id of the failure from which the clause follows; empty for a root."""
    return next((str(each.root["id"]) for each in found if clause in each.explained), "")


def _by_reason(clauses: Iterable[ClauseData]) -> list[tuple[str, list[ClauseData]]]:
    of_reasons: dict[str, list[ClauseData]] = {}
    for each in clauses:
        of_reasons.setdefault(each["reason"], []).append(each)
    return list(of_reasons.items())


def _shown(clause: ClauseData, root: str, edition: str) -> Shown:
    history = decisive(clause["histories"])
    svg, says, signs = {}, "", []
    if history is not None:
        line = timeline(history)
        why = _why(clause, line) if clause["outcome"] == "failed" else ""
        if not line.is_empty:
            svg = {
                name: drawn(picture(line, why, form)) for name, form in (("wide", WIDE), ("narrow", NARROW))
            }
            says, signs = in_words(line, why), legend(line)
    rows = [Row(text.removesuffix(DECIDED), text.endswith(DECIDED)) for text in evidence(clause["histories"])]
    changed = clause["edition"]
    since = "" if changed is None else Change(changed).since(edition or "of today")
    return Shown(clause, svg=svg, says=says, legend=signs, rows=rows, root=root, edition=since)


def _why(clause: ClauseData, shown: Timeline) -> str:
    """What decided, as it is written at its place on the timeline."""
    said = clause["likely_cause"] or clause["seen"]
    return safe(said if shown.decided is not None else f"judged here: {said}", 300)


def decisive(histories: Sequence[HistoryData]) -> HistoryData | None:
    """The history that is drawn: that of the event that decided, or else the one that is judged, or the first."""
    for wanted in (
        lambda each: each["decided_by"] is not None,
        lambda each: each["judged"],
        lambda each: True,
    ):
        if found := [each for each in histories if wanted(each)]:
            return found[0]
    return None


def in_words(shown: Timeline, why: str) -> str:
    """What a timeline shows, as a sentence."""
    said = [f"Timeline of {', '.join(shown.lanes)}, from {shown.start:.3f} s to {shown.end:.3f} s."]
    if shown.decided is not None:
        said.append(f"The event that decided, at {shown.decided.at:.3f} s, is marked: {why}.")
    elif why and shown.judged_at is not None:
        said.append(f"At {shown.judged_at:.3f} s is marked: {why}.")
    said.append("The exchange has the same in words.")
    return " ".join(said)
