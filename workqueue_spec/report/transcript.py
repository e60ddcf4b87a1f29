"""A history as lines for a person: what each party sent, received and printed, and what was done to it."""

from collections.abc import Iterable, Iterator

from pamqp import commands

from ..judgement.history import Event
from ..wiretap import Side
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
_FIELDS: dict[str, tuple[str, ...]] = {
    "Queue.Declare": ("queue", "passive", "durable", "exclusive", "auto_delete", "arguments"),
    "Queue.DeclareOk": ("message_count", "consumer_count"),
    "Queue.Delete": ("queue",),
    "Queue.Purge": ("queue",),
    "Basic.Qos": ("prefetch_count", "globally"),
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
    arrow = "->" if wire.sender is Side.CLIENT else "<-"
    method = wire.method
    parts = [arrow, event.what.lower().replace("ok", "-ok")]
    if method is not None:
        parts += [part for name in _FIELDS.get(event.what, ()) if (part := _field(method, name))]
    if wire.content is not None:
        mode = wire.content.properties.delivery_mode
        if isinstance(method, commands.Basic.Publish):
            parts.append("persistent" if mode == 2 else "transient")
        parts.append(safe(repr(wire.content.body[: 4 * _TEXT])[1:]))
    return " ".join(parts)


def _field(method: object, name: str) -> str:
    value = getattr(method, name, None)
    if isinstance(value, bool):
        return name.replace("_", "-") if value else ""
    if name in ("delivery_tag", "queue"):
        return f"{'tag ' if name == 'delivery_tag' else ''}{safe(str(value))}"
    return f"{name.replace('_', '-')}={safe(str(value))}" if value not in (None, "", {}, 0) else ""
