"""What is printed of a clause that failed, as a pure function of the clause in the JSON report."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from .events import HistoryData
from .likely import ClauseData
from .transcript import safe, transcript

_WIDTH = 80
_NARROW = len("reference")
_WIDE = len("how to mend it") + 2


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
    transcript, why the clause matters and how to mend the program, and the command that runs its test again.
    """
    cause, steps = clause["likely_cause"], clause.get("details", {}).get("steps")
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
        *_remedy(clause),
        f"  again: {safe(clause['again'], 2000)}",
        *(["", *(f"  {line}".rstrip() for line in steps.splitlines())] if steps else []),
    ]
    return "\n".join(lines)


def _remedy(clause: ClauseData) -> list[str]:
    remedy = clause["remedy"]
    if remedy is None:
        return []
    return [
        *labelled("why it matters", remedy["why"], _WIDTH, _WIDE),
        *labelled("how to mend it", remedy["how"], _WIDTH, _WIDE),
        *(line for call in calls(remedy) for line in unlabelled(call, _WIDTH, _WIDE)),
        *(labelled("reference", places(remedy), _WIDTH, _WIDE) if remedy["reference"] else []),
        "",
    ]


def calls(remedy: Mapping[str, Any]) -> list[str]:
    """What the library that was seen has for the promise, each call or setting with its link."""
    library = remedy["library"]
    return [
        f"{library}: {each['do']} · {each['link']}"
        for each in remedy["settings"]
        if each["library"] == library
    ]


def places(remedy: Mapping[str, Any]) -> str:
    """The lines of the reference that keep the promise."""
    return ", ".join(f"{place['path']}:{place['line']}" for place in remedy["reference"])


def in_short(clause: ClauseData) -> str:
    """What was expected and what was seen of a failed clause, for a list of several."""
    if not clause["expected"]:
        reason = str(clause["reason"])
        return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."
    return f"Expected: {clause['expected'].rstrip('.')}. Seen: {clause['seen'].rstrip('.')}."


def heading(clause: ClauseData) -> str:
    """The clause in one line."""
    name = f"{clause['id']} {clause['slug']}"
    outcome = clause["outcome"].upper()
    return f"{name:<42} {clause['class']:<10} {clause['level']:<6} {clause['subject']:<8} {outcome}"


def labelled(label: str, text: str, width: int, of_label: int = _NARROW) -> list[str]:
    """The text after its label, in lines of this width. `of_label` is the width of the label."""
    begin, indent = f"  {label:<{of_label}} ", " " * (of_label + 3)
    return textwrap.wrap(safe(text, 600), width, initial_indent=begin, subsequent_indent=indent)


def unlabelled(text: str, width: int, of_label: int = _NARROW) -> list[str]:
    """The text in lines of this width, beneath labelled text. A link may be wider, since it is never broken."""
    indent = " " * (of_label + 3)
    return textwrap.wrap(
        safe(text, 600),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
