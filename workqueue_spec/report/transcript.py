"""A history as lines for a person: what each party sent, received and printed, and what was done to it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pamqp import commands

from ..wiretap import Side, WireEvent
from .events import EventData, HistoryData
from .secrets import hide

_LINES = 40
"""The most lines for each party. The last lines are kept, because they tell most, and those around the line that
decided."""
_AROUND = 12
"""The lines before the one that decided that are kept; half as many are kept after it."""
DECIDED = "   <- this decided it"
"""What is written behind the event that decided."""
_TEXT = 100
"""The most characters of a text that comes from outside."""
_TRACEBACK = "Traceback (most recent call last)"
_HANDSHAKE = (
    "ProtocolHeader",
    "Connection.Start",
    "Connection.Tune",
    "Connection.Open",
    "Channel.Open",
    "Heartbeat",
)
FIELDS: Mapping[str, tuple[str, ...]] = {
    "Queue.Declare": ("queue", "passive", "durable", "exclusive", "auto_delete", "arguments"),
    "Queue.DeclareOk": ("message_count", "consumer_count"),
    "Queue.Delete": ("queue",),
    "Queue.Purge": ("queue",),
    "Basic.Qos": ("prefetch_count", "global_"),
    "Basic.Consume": ("queue", "no_ack", "exclusive"),
    "Basic.Get": ("queue", "no_ack"),
    "Basic.Publish": ("exchange", "routing_key", "mandatory"),
    "Basic.Deliver": ("delivery_tag", "redelivered"),
    "Basic.GetOk": ("delivery_tag", "redelivered"),
    "Basic.Ack": ("delivery_tag", "multiple"),
    "Basic.Nack": ("delivery_tag", "multiple", "requeue"),
    "Basic.Reject": ("delivery_tag", "requeue"),
    "Basic.Return": ("reply_code", "reply_text"),
    "Channel.Close": ("reply_code", "reply_text"),
    "Connection.Close": ("reply_code", "reply_text"),
}
"""The fields of each method that are worth a reader's time."""


def transcript(history: HistoryData) -> Iterator[str]:
    """The lines of each party of a history, one party after the other. The event that decided is marked."""
    by_party: dict[str, list[tuple[int, str]]] = {}
    decided_by = history["decided_by"]
    for event in _in_short(history["events"]):
        lines = by_party.setdefault(event["party"], [])
        decides = event["number"] == decided_by
        if decides or not event["name"].startswith(_HANDSHAKE):
            mark, note = ("> ", DECIDED) if decides else ("  ", "")
            lines.append((event["number"], f"{mark}{event['at']:+8.3f} {line(event)}{note}"))
    for who, lines in by_party.items():
        yield who
        begin = max(len(lines) - _LINES, 0)
        decisive = next((place for place, (number, _) in enumerate(lines) if number == decided_by), begin)
        if decisive < begin:
            first = max(decisive - _AROUND, 0)
            end = min(decisive + _AROUND // 2, len(lines))
            begin = max(begin + end - first, end)
            yield from _from(lines[first:end], first)
            if begin > end:
                yield from _from(lines[begin:], begin - end, "between")
            else:
                yield from _from(lines[begin:], 0)
        else:
            yield from _from(lines[begin:], begin)
    if history["left_out"]:
        yield f"({history['left_out']} of {history['left_out'] + len(history['events'])} events are left out)"


def _in_short(events: Sequence[EventData]) -> Iterator[EventData]:
    """The events, with each traceback of a program shortened to its last line."""
    left_out: dict[str, int] = {}
    """For each party that prints a traceback, how many of its lines are left out so far."""
    for event in events:
        party, text = event["party"], event.get("text", "")
        if event["name"] != "output":
            yield event
        elif text.startswith(_TRACEBACK):
            left_out[party] = left_out.get(party, 0) + 1
        elif party in left_out and (not text or text[0].isspace()):
            left_out[party] += 1
        elif number := left_out.pop(party, 0):
            yield {**event, "text": f"(Traceback, {number} lines) {text}"}
        else:
            yield event


def _from(lines: Sequence[tuple[int, str]], left_out: int, place: str = "before these") -> Iterator[str]:
    """These lines, after one that says how many are left out."""
    if left_out:
        yield f"  ... {left_out} lines {place}"
    yield from (text for _, text in lines)


def safe(text: str, length: int = _TEXT) -> str:
    """A text from outside, cut to this number of characters, without secrets, and without anything that a terminal
    would obey.
    """
    text = hide(text)  # before it is cut
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: length + 1])
    return shown if len(shown) <= length else f"{shown[: length - 3]}..."


def line(event: EventData) -> str:
    """One event in a line, without its time."""
    if "sender" not in event:
        return f"   {event['name']:<12} {safe(event.get('text', ''))}"
    fields, properties = event.get("fields", {}), event.get("properties", {})
    arrow = "->" if event["sender"] == Side.CLIENT else "<-"
    names = FIELDS.get(event["name"], ())
    parts = [arrow, shown_name(event["name"]), *_shown(lambda name: fields.get(name.rstrip("_")), names)]
    if "body" in event:
        if event["name"] == "Basic.Publish":
            parts.append("persistent" if properties.get("delivery_mode") == 2 else "transient")
        parts.append(f"'{safe(event['body'])}'")
    return " ".join(parts)


def exchange(wire: WireEvent, fields: Mapping[str, tuple[str, ...]] = FIELDS) -> str:
    """What one side sent to the other: the method, these fields, and the beginning of the body."""
    arrow = "->" if wire.sender is Side.CLIENT else "<-"
    method = wire.method
    parts = [arrow, shown_name(wire.name), *shown_fields(method, fields.get(wire.name, ()))]
    if wire.content is not None:
        mode = wire.content.properties.delivery_mode
        if isinstance(method, commands.Basic.Publish):
            parts.append("persistent" if mode == 2 else "transient")
        parts.append(safe(repr(wire.content.body[: 4 * _TEXT])[1:]))
    return " ".join(parts)


def shown_name(name: str) -> str:
    """The name of a method as it is written in a line."""
    return name.lower().replace("ok", "-ok")


def shown_fields(method: object, names: Iterable[str]) -> list[str]:
    """The fields of these names that have a value; none if there is no method."""
    return [] if method is None else _shown(lambda name: getattr(method, name, None), names)


def _shown(value_of: Callable[[str], Any], names: Iterable[str]) -> list[str]:
    return [part for name in names if (part := _field(value_of(name), name))]


def _field(value: Any, name: str) -> str:
    shown = name.rstrip("_").replace("_", "-")
    if isinstance(value, bool):
        return shown if value else ""
    if name in ("delivery_tag", "queue"):
        return f"{'tag ' if name == 'delivery_tag' else ''}{safe(str(value))}"
    # 0 says nothing, except that there are no heartbeats.
    empty = value in (None, "", {}, 0) and (name != "heartbeat" or value is None)
    return "" if empty else f"{shown}={safe(str(value))}"
