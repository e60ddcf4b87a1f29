"""What is printed under a clause that failed."""

import textwrap
from collections.abc import Iterable, Sequence

from ..judgement.history import Event
from ..specification.outcomes import Result
from .exchange import exchange, safe

_WIDTH = 100


def evidence(histories: Iterable[Sequence[Event]]) -> tuple[str, ...]:
    """The decoded exchange, with the output of the programs."""
    return tuple(line for events in histories for line in exchange(events))


def explain(result: Result, expected: str, seen: str, again: str) -> str:
    """The clause's sentence, what was expected, what was seen, the exchange, and how to see it again."""
    lines = [
        heading(result),
        *textwrap.wrap(result.statement, _WIDTH, initial_indent="  ", subsequent_indent="  "),
        "",
        *_labelled("expected", expected),
        *_labelled("seen", seen),
        "",
        *(f"  {line}" for line in result.evidence),
        "",
        f"  again: {again}",
    ]
    return "\n".join(lines)


def seen_besides(result: Result) -> list[str]:
    """Where a clause was seen to be broken in another clause's test, and how."""
    if result.known:
        return [f"seen in {result.seen_in}"]
    return [f"seen in {result.seen_in}: {safe(result.reason, 600)}", *result.evidence]


def heading(result: Result) -> str:
    """The clause in one line."""
    name = f"{result.id} {result.slug}"
    return f"{name:<44} {result.class_:<10} {result.level:<6} {result.role:<8} {result.outcome.upper()}"


def _labelled(label: str, text: str) -> list[str]:
    return textwrap.wrap(safe(text, 600), _WIDTH, initial_indent=f"  {label:<9} ", subsequent_indent=" " * 12)
