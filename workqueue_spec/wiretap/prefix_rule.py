"""A rule that keeps a client's queues and exchanges apart from all others, without a virtual host."""

import contextlib
from collections.abc import Sequence
from typing import Any

from .events import Side
from .frames import Frame, marshal
from .rules import Connection, Selective, only

_FROM_CLIENT = {
    "Queue.Declare": ("queue",),
    "Queue.Bind": ("queue", "exchange"),
    "Queue.Unbind": ("queue", "exchange"),
    "Queue.Purge": ("queue",),
    "Queue.Delete": ("queue",),
    "Exchange.Declare": ("exchange",),
    "Exchange.Delete": ("exchange",),
    "Exchange.Bind": ("destination", "source"),
    "Exchange.Unbind": ("destination", "source"),
    "Basic.Consume": ("queue",),
    "Basic.Get": ("queue",),
    "Basic.Publish": ("exchange",),
}
_FROM_BROKER = {
    "Queue.DeclareOk": ("queue",),
    "Basic.Deliver": ("exchange", "routing_key"),
    "Basic.GetOk": ("exchange", "routing_key"),
    "Basic.Return": ("exchange", "routing_key"),
    "Channel.Close": ("reply_text",),
    "Connection.Close": ("reply_text",),
}
"""Fields that hold names of queues and exchanges, by method."""


def with_prefix(prefix: str) -> Selective:
    """Every queue and exchange that the client names has this prefix at the broker; the client never sees the
    prefix.

    Names that the broker gives (`amq.`), the default exchange, and names with the prefix stay as they are.
    """
    mark = prefix.encode()

    def own(name: Any) -> Any:
        if not isinstance(name, str) or not name or name.startswith(("amq.", prefix)):
            return name
        return prefix + name

    @only(*_FROM_CLIENT, *_FROM_BROKER, "ContentHeader")
    def rule(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        method: Any = frame.decode()
        if frame.name == "ContentHeader":
            # The broker puts names into headers such as x-death.
            if sender is Side.CLIENT or mark not in frame.raw:
                return None
            method.properties.headers = _without(method.properties.headers, prefix)
        elif sender is Side.BROKER:
            for field in _FROM_BROKER.get(frame.name, ()):
                setattr(method, field, (getattr(method, field) or "").replace(prefix, ""))
        else:
            for field in _FROM_CLIENT.get(frame.name, ()):
                setattr(method, field, own(getattr(method, field)))
            if frame.name == "Basic.Publish" and not method.exchange:
                method.routing_key = own(method.routing_key)
            if frame.name == "Queue.Declare":
                method.arguments = _arguments(method.arguments or {}, own)
        with contextlib.suppress(ValueError, TypeError):
            return [marshal(method, frame.channel)]
        # A name that pamqp refuses would reach the broker without the prefix, and could be another client's.
        connection.cut(reset=True)
        return []

    return rule


def _without(value: Any, prefix: str) -> Any:
    match value:
        case str():
            return value.replace(prefix, "")
        case dict():
            return {key: _without(each, prefix) for key, each in value.items()}
        case list():
            return [_without(each, prefix) for each in value]
        case _:
            return value


def _arguments(arguments: dict[str, Any], own: Any) -> dict[str, Any]:
    renamed = dict(arguments)
    if "x-dead-letter-exchange" in renamed:
        renamed["x-dead-letter-exchange"] = own(renamed["x-dead-letter-exchange"])
        if not renamed["x-dead-letter-exchange"] and "x-dead-letter-routing-key" in renamed:
            renamed["x-dead-letter-routing-key"] = own(renamed["x-dead-letter-routing-key"])
    return renamed
