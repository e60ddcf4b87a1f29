"""What is printed of a clause that failed, as a pure function of the clause in the JSON report."""

import textwrap
from collections.abc import Sequence

from .events import HistoryData
from .likely import ClauseData
from .transcript import safe, transcript

_WIDTH = 80


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


def explanation(clause: ClauseData) -> str:
    """The text about a clause that failed: its statement, what was expected, what was seen, the likely cause, the
    transcript, and the command that runs its test again.
    """
    cause = clause["likely_cause"]
    lines = [
        heading(clause),
        *textwrap.wrap(clause["statement"], _WIDTH, initial_indent="  ", subsequent_indent="  "),
        "",
        *labelled("expected", clause["expected"], _WIDTH),
        *labelled("seen", clause["seen"], _WIDTH),
        *(labelled("seen in", clause["seen_in"], _WIDTH) if clause["seen_in"] else []),
        *(labelled("cause", cause, _WIDTH) if cause else []),
        "",
        *(f"  {line}" for line in evidence(clause["histories"])),
        "",
        f"  again: {safe(clause['again'], 2000)}",
    ]
    return "\n".join(lines)


def heading(clause: ClauseData) -> str:
    """The clause in one line."""
    name = f"{clause['id']} {clause['slug']}"
    outcome = clause["outcome"].upper()
    return f"{name:<42} {clause['class']:<10} {clause['level']:<6} {clause['subject']:<8} {outcome}"


def labelled(label: str, text: str, width: int) -> list[str]:
    """The text after its label, in lines of this width."""
    return textwrap.wrap(safe(text, 600), width, initial_indent=f"  {label:<9} ", subsequent_indent=" " * 12)
