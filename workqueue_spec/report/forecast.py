"""What breaks or changes for a program on a later RabbitMQ, as text: a pure function of a JSON report."""

import itertools
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .transcript import safe

Report = Mapping[str, Any]
Version = tuple[int, ...]

_WIDTH = 80
_TEXTS = ("change", "party", "seen", "test", "since", "effect", "what", "do", "source")
_OF_RABBITMQ = re.compile(r"RabbitMQ (\d+)\.(\d+)")


def mistake_in(report: object) -> str:
    """Why this is no report with a forecast, as the end of a sentence; empty if it is one."""
    if not isinstance(report, dict) or "verdict" not in report or not isinstance(report.get("clauses"), list):
        return "is not a report of `check`"
    foreseen = report.get("foreseen")
    if foreseen is None:
        return "is of an older workqueue-spec, which made no forecast; judge the program again"
    if not isinstance(foreseen, list) or not all(map(_is_foreseen, foreseen)):
        return "has a forecast that is not as `check` writes it"
    if not all(isinstance(report.get(key), str) for key in ("subject", "broker", "queue_type")):
        return "names no program, broker or queue type"
    return ""


def _is_foreseen(each: object) -> bool:
    return (
        isinstance(each, dict)
        and all(isinstance(each.get(key), str) for key in _TEXTS)
        and re.fullmatch(r"\d{1,4}\.\d{1,4}", each["since"]) is not None
    )


def upcoming(report: Report, to: Version | None) -> list[Mapping[str, Any]]:
    """What comes after the version of the report's broker, up to the version `to`, or of all versions."""
    found = _OF_RABBITMQ.match(report["broker"])
    now = tuple(map(int, found.groups())) if found else ()
    return [
        each for each in report["foreseen"] if now < _version(each) and (to is None or _version(each) <= to)
    ]


def breaks(changes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one of them breaks the program, and does not only change something."""
    return any(each["effect"] == "breaks" for each in changes)


def lines(report: Report, changes: Sequence[Mapping[str, Any]], to: Version | None) -> Iterator[str]:
    """What a person reads of the changes that are `upcoming`, in 80 columns; the conclusion is the last line."""
    title = f"{report['subject']} on {report['broker']}, {report['queue_type']} queues"
    yield from textwrap.wrap(safe(title, 600), _WIDTH, subsequent_indent="    ")
    for _, of_change in itertools.groupby(changes, key=lambda each: each["change"]):
        first, *others = of_change
        yield ""
        yield safe(f"RabbitMQ {first['since']} {first['effect']} it: {first['change']}", _WIDTH)
        yield from _paragraph("  ", first["what"])
        for each in (first, *others):
            yield from _paragraph("  seen    ", f"{each['party']}, {each['test']}: {each['seen']}")
        yield from _paragraph("  do      ", first["do"])
        yield f"  source  {safe(first['source'], 300)}"
    yield ""
    yield from textwrap.wrap(_conclusion(report, changes, to), _WIDTH, subsequent_indent="    ")


def _conclusion(report: Report, changes: Sequence[Mapping[str, Any]], to: Version | None) -> str:
    until = "a later RabbitMQ" if to is None else f"a later RabbitMQ, up to {'.'.join(map(str, to))}"
    effects = {each["change"]: each["effect"] for each in changes}
    broken = sum(effect == "breaks" for effect in effects.values())
    judged = sum(each.get("outcome") != "not judged" for each in report["clauses"])
    found = f"{_number(broken, 'break')} and {_number(len(effects) - broken, 'other change')}"
    return f"{found} on {until}, by what {_number(judged, 'judged clause')} showed on the wire"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count or 'no'} {noun}s"


def _paragraph(begin: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        safe(text, 600), _WIDTH, initial_indent=begin, subsequent_indent=" " * len(begin)
    )


def _version(each: Mapping[str, Any]) -> Version:
    return tuple(map(int, each["since"].split(".")))
