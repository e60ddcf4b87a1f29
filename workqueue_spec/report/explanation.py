"""What is printed under a clause that failed."""

import textwrap
from collections.abc import Sequence

from ..specification.outcomes import Result
from .events import HistoryData
from .transcript import safe, transcript

_WIDTH = 100


def evidence(histories: Sequence[HistoryData]) -> list[str]:
    """The transcript of each history, line by line: what passed on the wire, and what the programs printed.

    If there are several histories, their names are shown, since a `worker 1` is in each, and the history that is
    judged is marked.
    """
    if len(histories) == 1:
        return list(transcript(histories[0]))
    lines: list[str] = []
    for history in histories:
        judged = ", judged here" if history["judged"] else ""
        lines += [f"--- {safe(history['name'])}{judged} ---", *transcript(history)]
    return lines


def explain(result: Result, expected: str, seen: str, again: str) -> str:
    """The text about a clause that failed: its statement, what was expected, what was seen, the transcript, and
    the command that runs its test again.
    """
    lines = [
        heading(result),
        *textwrap.wrap(result.statement, _WIDTH, initial_indent="  ", subsequent_indent="  "),
        "",
        *_labelled("expected", expected),
        *_labelled("seen", seen),
        "",
        *(f"  {line}" for line in evidence(result.histories)),
        "",
        f"  again: {again}",
    ]
    return "\n".join(lines)


def seen_elsewhere(result: Result) -> list[str]:
    """The lines that say in which other clause's test a clause was seen to be broken, and how."""
    if result.known:
        return [f"seen in {result.seen_in}"]
    return [f"seen in {result.seen_in}: {safe(result.reason, 600)}", *evidence(result.histories)]


def heading(result: Result) -> str:
    """The clause in one line."""
    name = f"{result.id} {result.slug}"
    return f"{name:<44} {result.class_:<10} {result.level:<6} {result.role:<8} {result.outcome.upper()}"


def _labelled(label: str, text: str) -> list[str]:
    return textwrap.wrap(safe(text, 600), _WIDTH, initial_indent=f"  {label:<9} ", subsequent_indent=" " * 12)
