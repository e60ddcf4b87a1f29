"""An event of the tap as a line: for a person, or as JSON. Secrets of the login are in neither."""

import base64
import codecs
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pamqp import commands

from ...report.secrets import HIDDEN
from ...report.transcript import FIELDS, exchange, safe, shown_fields
from ...wiretap import WireEvent

MOST_OF_A_BODY: Final = 4096
"""Bytes of a body that a line of JSON holds at most."""

_SECRET: Final[Mapping[str, str]] = {
    "Connection.StartOk": "response",
    "Connection.Secure": "challenge",
    "Connection.SecureOk": "response",
    "Connection.UpdateSecret": "new_secret",
}
"""The field of a method that may hold a password or a token."""

_MORE_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    **FIELDS,
    "Connection.Start": ("mechanisms",),
    "Connection.StartOk": ("mechanism",),
    "Connection.Tune": ("channel_max", "frame_max", "heartbeat"),
    "Connection.TuneOk": ("channel_max", "frame_max", "heartbeat"),
    "Connection.Open": ("virtual_host",),
    "Connection.Blocked": ("reason",),
    "Channel.Flow": ("active",),
    "Channel.FlowOk": ("active",),
    "Exchange.Declare": (
        *("exchange", "exchange_type", "passive", "durable", "auto_delete", "internal", "nowait"),
        "arguments",
    ),
    "Exchange.Delete": ("exchange", "if_unused", "nowait"),
    "Exchange.Bind": ("destination", "source", "routing_key", "arguments"),
    "Exchange.Unbind": ("destination", "source", "routing_key", "arguments"),
    "Queue.Declare": (*FIELDS["Queue.Declare"], "nowait"),
    "Queue.DeclareOk": ("queue", *FIELDS["Queue.DeclareOk"]),
    "Queue.Bind": ("queue", "exchange", "routing_key", "arguments"),
    "Queue.Unbind": ("queue", "exchange", "routing_key", "arguments"),
    "Queue.PurgeOk": ("message_count",),
    "Queue.Delete": ("queue", "if_unused", "if_empty", "nowait"),
    "Queue.DeleteOk": ("message_count",),
    "Basic.Consume": (*FIELDS["Basic.Consume"], "consumer_tag", "arguments"),
    "Basic.ConsumeOk": ("consumer_tag",),
    "Basic.Cancel": ("consumer_tag",),
    "Basic.CancelOk": ("consumer_tag",),
    "Basic.Deliver": (*FIELDS["Basic.Deliver"], "consumer_tag", "exchange", "routing_key"),
    "Basic.GetOk": (*FIELDS["Basic.GetOk"], "exchange", "routing_key", "message_count"),
    "Basic.Return": (*FIELDS["Basic.Return"], "exchange", "routing_key"),
    "Basic.Recover": ("requeue",),
}
"""A report leaves out what its reader knows from the clause; here nothing is known."""

_OF_A_PEER: Final = ("product", "version", "connection_name")


def text(event: WireEvent, seconds: float) -> str:
    """A line for a person; the seconds are since the start of the tap."""
    connection = f"#{event.connection}" if event.connection else ""
    channel = f"ch {event.channel}" if event.channel else ""
    return f"{seconds:9.3f} {connection:<4} {channel:<5} {' '.join(_described(event))}"


def as_json(event: WireEvent, seconds: float, arrived: float) -> str:
    """A line of JSON, without control characters; the two times are in seconds since the start of the tap."""
    found: dict[str, Any] = {
        "at": round(seconds, 6),
        "arrived": round(arrived, 6),
        "connection": event.connection,
        "channel": event.channel,
        "sender": event.sender,
        "name": event.name,
    }
    if event.note:
        found["note"] = event.note
    if event.frame is not None:
        if event.name != event.frame.name:
            found["frame"] = event.frame.name
        found["bytes"] = len(event.frame.raw)
        if (method := event.method) is not None:
            secret = _SECRET.get(event.frame.name)
            found["fields"] = {
                key.rstrip("_"): HIDDEN if key == secret else _plain(value)
                for key, value in dict(method).items()
            }
    if event.content is not None:
        found["properties"] = {
            key: _plain(value)
            for key, value in dict(event.content.properties).items()
            if value not in (None, "")
        }
        found |= _body(event.content.body)
    return json.dumps(found)


def _described(event: WireEvent) -> Iterator[str]:
    method = event.method
    if event.sender is None:
        yield event.name.lower()
        yield safe(event.note, 200)
        if event.frame is not None:
            yield from shown_fields(method, _MORE_FIELDS.get(event.frame.name, ()))
        return
    yield exchange(event, _MORE_FIELDS)
    if isinstance(method, commands.Connection.Start):
        yield from _peer(method.server_properties)
    elif isinstance(method, commands.Connection.StartOk):
        yield from _peer(method.client_properties)
    if event.frame is not None and event.frame.is_method and method is None:
        yield "(its fields cannot be decoded)"
    if event.content is not None:
        size = len(event.content.body)
        yield f"({size} byte{'' if size == 1 else 's'})"
        properties = dict(event.content.properties)
        yield from shown_fields(
            event.content.properties, (name for name in properties if name != "delivery_mode")
        )


def _peer(properties: object) -> Iterator[str]:
    """What a side says about its program."""
    known = properties if isinstance(properties, dict) else {}
    for key in _OF_A_PEER:
        if value := known.get(key):
            yield f"{key.replace('_', '-')}={safe(str(value))}"


def _body(body: bytes) -> dict[str, Any]:
    """The beginning of a body: as text if it is UTF-8, or else in base64."""
    cut = body[:MOST_OF_A_BODY]
    try:
        # A character that the cut has split is left out.
        shown = codecs.getincrementaldecoder("utf-8")().decode(cut, final=len(cut) == len(body))
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(cut).decode(), "body_size": len(body)}
    return {"body": shown, "body_size": len(body)}


def _plain(value: object) -> object:
    """A value of a field or a table as JSON can hold it."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case bytes() | bytearray():
            return bytes(value).decode("utf-8", "backslashreplace")
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return str(value)
