"""What is printed at the end of a run: the failures with their root first, what was not judged, and the verdict.

The lines are a pure function of the clauses of the JSON report. They fit into 80 columns, and into one screen if
little failed. The first root has its remedy, and each other root a line about it. With `-v` each clause has a line.
"""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import pytest

from ..specification.edition import Change
from ..specification.outcomes import Conclusion, Conformance, Outcome
from .causes import Group, groups
from .explanation import calls, explanation, heading, in_short, labelled, places, unlabelled
from .likely import ClauseData
from .transcript import safe

WIDTH = 80
_COLOURS = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.NOT_JUDGED: "yellow"}
_VERDICTS = {
    Conformance.CONFORMANT: "green",
    Conformance.NONCONFORMANT: "red",
    Conformance.INCONCLUSIVE: "yellow",
}


class Line(NamedTuple):
    """A line, and its colour if it has one."""

    text: str
    colour: str = ""


def summary(
    terminal: pytest.TerminalReporter,
    clauses: Sequence[ClauseData],
    conclusion: Conclusion,
    description: str,
    edition: str = "",
    *,
    verbose: bool = False,
) -> None:
    """Writes the summary to the terminal. `description` says what was judged, on which broker and how. `edition` is
    the name of the edition that was asked for, if one was.

    The exchange of the first root is shown in full before; if `verbose`, that of every failure.
    """
    found = groups(clauses)
    in_full = [each for group in found for each in (group.root, *group.explained)]
    for clause in in_full if verbose else in_full[:1]:
        terminal.section(f"{clause['id']} in full", sep="=")
        terminal.write_line(explanation(clause))
    terminal.section("clauses", sep="=")
    for text, colour in screen(clauses, found, edition, verbose=verbose):
        terminal.write_line(text, **({colour: True} if colour else {}))
    for line in textwrap.wrap(safe(description, 600), WIDTH):
        terminal.write_line(line)
    if beside := _tally(clauses, of_the_edition=False):
        terminal.write_line(f"not in edition {edition}, or reworded since: {beside}")
    tally = _tally(clauses, of_the_edition=True)
    terminal.write_line(
        f"{tally or 'nothing judged'}: {conclusion.verdict} ({conclusion.reason})",
        **{_VERDICTS[conclusion.verdict]: True, "bold": True},
    )


def screen(
    clauses: Sequence[ClauseData], found: Sequence[Group], edition: str = "", *, verbose: bool = False
) -> Iterator[Line]:
    """The lines about the clauses: if `verbose` one for each; then the failures, the root first; then what was not
    judged.
    """
    if verbose:
        for clause in clauses:
            yield _headed(clause)
        yield Line("")
    for group in found:
        yield from _root(group, edition)
        yield from map(Line, _remedy(group.root) if group is found[0] else _remedy_in_short(group.root))
        for clause in group.explained:
            yield _headed(clause)
            yield from _edition(clause, edition)
            yield from _known(clause)
            yield from map(Line, _follows(clause, group.root))
        yield Line("")
    others = [each for each in clauses if each["outcome"] == Outcome.PASSED]
    for clause in others:
        if clause["known_failure"] and clause["edition"] is None:
            yield _headed(clause)
            said = f"it holds, so remove it from the known failures: {safe(clause['known_failure'], 300)}"
            yield from (Line(line, "red") for line in _wrapped(said))
        elif clause["edition"] is not None:
            yield _headed(clause)
            yield from _edition(clause, edition)
    unjudged = list(_not_judged(clauses, edition))
    yield from unjudged
    if unjudged:
        yield Line("")


def _root(group: Group, edition: str) -> Iterator[Line]:
    clause = group.root
    yield _headed(clause)
    yield from _edition(clause, edition)
    yield from _known(clause)
    statement = textwrap.wrap(clause["statement"], WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield from map(Line, statement)
    rows = [("expected", clause["expected"]), ("seen", clause["seen"] or clause["reason"])]
    if clause["seen_in"]:
        rows.append(("seen in", clause["seen_in"]))
    rows.append(("cause", clause["likely_cause"]))
    rows.append(("explains", ", ".join(each["id"] for each in group.explained)))
    for label, text in rows:
        if text:
            yield from map(Line, labelled(label, text, WIDTH))


def _remedy(clause: ClauseData) -> Iterator[str]:
    remedy = clause["remedy"]
    if remedy is None:
        return
    yield from labelled("why", remedy["why"], WIDTH)
    yield from labelled("mend", remedy["how"], WIDTH)
    for call in calls(remedy):
        yield from unlabelled(call, WIDTH)
    if remedy["reference"]:
        yield from labelled("reference", places(remedy), WIDTH)


def _remedy_in_short(clause: ClauseData) -> Iterator[str]:
    """One line, so that many failures fit into one screen."""
    if clause["remedy"] is not None:
        yield _short(f"  mend      {clause['remedy']['how']}")


def _follows(clause: ClauseData, root: ClauseData) -> list[str]:
    """Two lines at most, so that many failures fit into one screen."""
    said = safe(f"follows from {root['id']}. {in_short(clause)}", 600)
    return textwrap.wrap(
        said, WIDTH, initial_indent="  ", subsequent_indent="  ", max_lines=2, placeholder=" ..."
    )


def _headed(clause: ClauseData) -> Line:
    counts = clause["edition"] is None
    return Line(heading(clause), _COLOURS[Outcome(clause["outcome"]) if counts else Outcome.NOT_JUDGED])


def _edition(clause: ClauseData, edition: str) -> Iterator[Line]:
    if clause["edition"] is not None:
        yield Line(f"    {Change(clause['edition']).since(edition)}: it is shown, and does not count")


def _known(clause: ClauseData) -> Iterator[Line]:
    if clause["known_failure"] and clause["edition"] is None:
        yield from map(Line, _wrapped(f"known: {safe(clause['known_failure'], 300)}"))


def _not_judged(clauses: Sequence[ClauseData], edition: str) -> Iterator[Line]:
    """A paragraph for each reason, with the clauses that it holds for."""
    of_reasons: dict[str, list[str]] = {}
    for clause in clauses:
        if clause["outcome"] == Outcome.NOT_JUDGED:
            reason = safe(clause["reason"], 600)
            if clause["edition"] is not None:
                reason += f" ({Change(clause['edition']).since(edition)}: it does not count)"
            of_reasons.setdefault(reason, []).append(clause["id"])
    for reason, ids in of_reasons.items():
        said = f"{', '.join(ids)} not judged: {reason}"
        yield from (Line(line, "yellow") for line in textwrap.wrap(said, WIDTH, subsequent_indent="    "))


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ")


def _short(text: str) -> str:
    return safe(text, WIDTH)


def _tally(clauses: Iterable[ClauseData], *, of_the_edition: bool) -> str:
    counted: Mapping[str, int] = {
        outcome: sum(
            each["outcome"] == outcome and (each["edition"] is None) is of_the_edition for each in clauses
        )
        for outcome in Outcome
    }
    return ", ".join(f"{number} {outcome}" for outcome, number in counted.items() if number)
