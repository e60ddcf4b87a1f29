"""A history as lines for a person: what each party sent, received and printed, and what was done to it."""

from collections.abc import Iterable, Iterator, Mapping

from pamqp import commands

from ..judgement.history import Event
from ..wiretap import Side, WireEvent
from .secrets import hide

_LINES = 40
"""The most lines for each party. The last lines are kept, because they tell most."""
_TEXT = 100
"""The most characters of a text that comes from outside."""
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


def transcript(events: Iterable[Event]) -> Iterator[str]:
    """The lines of each party, one party after the other."""
    by_party: dict[str, list[str]] = {}
    for event in events:
        lines = by_party.setdefault(event.who, [])
        if not event.what.startswith(_HANDSHAKE):
            lines.append(f"  {event.at:+8.3f} {_described(event)}")
    for who, lines in by_party.items():
        yield who
        if len(lines) > _LINES:
            yield f"  ... {len(lines) - _LINES} lines before these"
        yield from lines[-_LINES:]


def safe(text: str, length: int = _TEXT) -> str:
    """A text from outside, cut to this number of characters, without secrets, and without anything that a terminal
    would obey.
    """
    text = hide(text)  # before it is cut
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: length + 1])
    return shown if len(shown) <= length else f"{shown[: length - 3]}..."


def _described(event: Event) -> str:
    wire = event.wire
    if wire is None:
        return f"   {event.what:<12} {safe(event.text)}"
    if wire.sender is None:
        return f"   {event.what:<12} {safe(wire.note)}"
    return exchange(wire)


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
    return [] if method is None else [part for name in names if (part := _field(method, name))]


def _field(method: object, name: str) -> str:
    value = getattr(method, name, None)
    shown = name.rstrip("_").replace("_", "-")
    if isinstance(value, bool):
        return shown if value else ""
    if name in ("delivery_tag", "queue"):
        return f"{'tag ' if name == 'delivery_tag' else ''}{safe(str(value))}"
    # 0 says nothing, except that there are no heartbeats.
    empty = value in (None, "", {}, 0) and (name != "heartbeat" or value is None)
    return "" if empty else f"{shown}={safe(str(value))}"
