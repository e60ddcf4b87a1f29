"""Histories as data for the JSON report: what passed on the wire, and what happened to the programs.

Every text is a stranger's: it is cut to length and holds no secret of the run. Control characters are kept, because
JSON escapes them; whoever shows a text escapes them again.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..judgement.event import Event
from ..judgement.verdicts import Moment
from ..wiretap import WireEvent
from .secrets import hide

EventData = Mapping[str, Any]
"""One event. `number` is its place in the whole history, from 0: a gap in the numbers shows what was left out."""
HistoryData = Mapping[str, Any]
"""The events of one bench: `name`, `judged`, `left_out` (a number), `decided_by` (the number of an event, or None),
`events`, and `judged_at` (seconds) if it is known when the clause was judged."""

MOST_EVENTS = 400
"""The most events that are kept for one clause, of all its histories together."""
_OF_OTHERS = 40
"""The most events that are kept of a history that is not judged, if several histories belong to a clause."""
_TEXT = 200
"""The most characters of a text that comes from outside."""
_BODY = 400
"""The most characters of a body."""
_TABLE = 1000
"""The most characters of a table or of a list, as JSON."""
_ITEMS = 20
"""The most items of a table or of a list."""
_DEPTH = 3
"""The most levels of tables and lists within each other."""
_LEFT_OUT = frozenset({"ticket", "response", "challenge", "new_secret", "locales", "mechanisms"})
"""Fields that tell nothing, or that may hold a password or a token."""


def as_data(
    histories: Sequence[tuple[str, Sequence[Event]]],
    judged: str = "",
    decided_by: Moment | None = None,
    judged_at: Mapping[str, float] | None = None,
) -> tuple[HistoryData, ...]:
    """The histories of a clause as data. Each history has a name; that of the name `judged` comes last.

    `judged_at` says for the name of each history when the clause was judged. What happened later is no part of it.
    At most MOST_EVENTS events are kept. `left_out` says how many were left out. The first events, the last ones and
    those around the deciding event are kept.
    """
    ordered = sorted(histories, key=lambda each: each[0] == judged)
    found: list[HistoryData] = []
    left = MOST_EVENTS
    for place, (name, all_events) in enumerate(reversed(ordered)):
        at = None if judged_at is None else judged_at[name]
        events = all_events if at is None else all_events[: _until(at, all_events)]
        is_judged = place == 0 and (len(ordered) == 1 or name == judged)
        decided = None
        if decided_by is not None and (is_judged or not judged):
            decided = number_of(decided_by, events)
        others = min(_OF_OTHERS, MOST_EVENTS // len(ordered)) * (len(ordered) - place - 1)
        kept = _kept(len(events), max(left - others, 0) if is_judged else min(_OF_OTHERS, left), decided)
        left -= len(kept)
        found.append(
            {
                "name": name,
                "judged": is_judged,
                "left_out": len(events) - len(kept),
                "decided_by": decided,
                **({} if at is None else {"judged_at": round(at, 6)}),
                "events": [event_data(number, events[number]) for number in kept],
            }
        )
    return tuple(reversed(found))


def _until(at: float, events: Sequence[Event]) -> int:
    """How many events there are up to the last one that is not later than this."""
    return next((number for number in range(len(events), 0, -1) if events[number - 1].at <= at), 0)


def number_of(moment: Moment, events: Sequence[Event]) -> int | None:
    """The place of the event that a verdict names; None if the history does not hold it."""
    best, found = -1, None
    for number, event in enumerate(events):
        if moment.who not in ("", event.who) or (moment.at is None and event.what != moment.what):
            continue
        if moment.at is not None and event.at != moment.at:
            continue
        tag = None if event.wire is None else getattr(event.wire.method, "delivery_tag", None)
        likeness = 2 * (event.what == moment.what) + (moment.tag is not None and tag == moment.tag)
        if likeness > best or (moment.at is None and likeness == best):
            best, found = likeness, number
    return found


def event_data(number: int, event: Event) -> EventData:
    """One event as data. Keys without a value are left out."""
    found: dict[str, Any] = {
        "number": number,
        "at": round(event.at, 6),
        "party": event.who,
        "name": event.what,
    }
    if event.text:
        found["text"] = _text(event.text)
    if event.wire is not None:
        found |= wire_data(event.wire)
    return found


def wire_data(wire: WireEvent) -> dict[str, Any]:
    """What the tap saw, as data."""
    found: dict[str, Any] = {"connection": wire.connection, "channel": wire.channel}
    if wire.sender is not None:
        found["sender"] = str(wire.sender)
        fields = {} if wire.method is None else _set_fields(wire.method)
        if fields:
            found["fields"] = fields
    if wire.content is not None:
        if properties := _set_fields(wire.content.properties):
            found["properties"] = properties
        found["body"] = _beginning(wire.content.body)
        found["body_size"] = len(wire.content.body)
    return found


def _beginning(body: bytes) -> str:
    """The beginning of a body as text. Secrets are hidden before it is cut, since one may lie across the cut."""
    return hide(body[: 16 * _BODY].decode(errors="backslashreplace"))[:_BODY]


def _set_fields(of: Any) -> dict[str, Any]:
    """The fields that have a value, under their AMQP names with `_` in place of `-`."""
    named: Iterable[tuple[str, Any]] = dict(of).items()
    return {
        name.rstrip("_"): _bounded(_plain(value))
        for name, value in named
        if name not in _LEFT_OUT and value is not None and value != "" and value != {}
    }


def _bounded(value: Any) -> Any:
    """The value; a table or list that is too large is cut text."""
    if isinstance(value, dict | list) and len(shown := json.dumps(value)) > _TABLE:
        return f"{shown[: _TABLE - 3]}..."
    return value


def _plain(value: Any, depth: int = 0) -> Any:
    """A field's value as JSON has it, cut to length."""
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes | bytearray):
        return _text(bytes(value[: 4 * _TEXT]).decode(errors="backslashreplace"))
    if depth < _DEPTH and isinstance(value, dict):
        return {_text(str(key)): _plain(each, depth + 1) for key, each in list(value.items())[:_ITEMS]}
    if depth < _DEPTH and isinstance(value, list):
        return [_plain(each, depth + 1) for each in value[:_ITEMS]]
    return _text(str(value))


def _text(text: str) -> str:
    """A text without secrets, cut to length."""
    text = hide(text)
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 3]}..."


def _kept(length: int, most: int, decided: int | None) -> list[int]:
    """The numbers of the events that are kept: a fifth from the beginning, a fifth around the deciding event, and
    the rest from the end.
    """
    if length <= most:
        return list(range(length))
    part = most // 5
    kept = set(range(part))
    if decided is not None:
        begin = min(max(decided - part // 2, 0), max(length - part, 0))
        kept |= set(range(begin, min(begin + part, length)))
    number = length
    while len(kept) < most and number > 0:
        number -= 1
        kept.add(number)
    if decided is not None and most > 0:
        kept.add(decided)
    return sorted(kept)
