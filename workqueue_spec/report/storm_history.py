"""The history of a storm as a file of JSON lines: written while the storm goes on, and read one by one.

The first line holds what a judge must know. Each other line is an event in the form of the JSON report
(`events.py`), with `tasks`: the tokens of the tasks that the message carries, since a body may be encoded, and is
cut. The last line says that the storm came to its end.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import pamqp.commands

from ..errors import SetupError
from ..judgement.event import Event
from ..judgement.tasks import tokens_in
from ..wiretap import Content, Frame, Side, WireEvent
from .events import event_data

FORMAT = "workqueue-spec storm"
SCHEMA = 1
_CLASSES: Mapping[str, type[Any]] = {
    str(vars(each)["name"]): each for each in pamqp.commands.INDEX_MAPPING.values()
}
_NO_PROPERTIES = pamqp.commands.Basic.Properties()


class Head(NamedTuple):
    """What a judge must know of a storm, from the first line of its history."""

    queues: tuple[str, ...]
    route: tuple[str, str]
    """The exchange and the routing key of the producer."""
    prefetch: int
    more: Mapping[str, Any]
    """All that the line holds: the suite, the program, the broker, the seed, the schedule of the faults."""


class Recording:
    """Writes the history of a storm, event by event."""

    def __init__(self, file: TextIO, head: Mapping[str, Any]) -> None:
        """The first line has what `head` holds, with `queues`, `route` and `prefetch`, and the schedule."""
        self._file = file
        self._head = head
        self._number = 0

    def begins(self, schedule: Sequence[Mapping[str, Any]]) -> None:
        """Writes the first line."""
        self._line({"format": FORMAT, "schema": SCHEMA, **self._head, "schedule": schedule})

    def writes(self, event: Event) -> None:
        """Writes one event."""
        data = dict(event_data(self._number, event))
        if event.wire is not None and event.wire.content is not None:
            tokens = tokens_in(event.wire.content.body)
            data["tasks"] = sorted(token.decode() for token in tokens)
        self._line(data)
        self._number += 1

    def ends(self) -> None:
        """Writes the last line."""
        self._line({"end": True, "events": self._number})

    def _line(self, data: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(data, separators=(",", ":")) + "\n")


def read_head(file: TextIO, path: Path) -> Head:
    """What the first line says. Raises SetupError if this is no history of a storm."""
    try:
        found = json.loads(file.readline())
        if found["format"] == FORMAT and found["schema"] == SCHEMA:
            exchange, key = found["route"]
            return Head(tuple(map(str, found["queues"])), (exchange, key), int(found["prefetch"]), found)
    except (ValueError, TypeError, LookupError, RecursionError):
        pass
    raise SetupError(f"{path} is no history of a storm, as check --storm-history writes it.")


def read_events(file: TextIO, path: Path) -> Iterator[Event]:
    """The events, one after the other. Raises SetupError if a line is no event, or if the last line is missing."""
    number = 0
    for line in file:
        try:
            data = json.loads(line)
            if "end" in data:
                if data["events"] != number:
                    raise SetupError(
                        f"{path} holds {number} of {data['events']} events, so it cannot be judged."
                    )
                return
            event = _event(data)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            if not line.endswith("\n"):
                break
            raise SetupError(f"{path}: line {number + 2} is no event of a history.") from None
        yield event
        number += 1
    raise SetupError(f"{path} is cut off after {number} events: its storm did not come to an end.")


def _event(data: Mapping[str, Any]) -> Event:
    at, who, name = float(data["at"]), str(data["party"]), str(data["name"])
    text = str(data.get("text", ""))
    if "connection" not in data:
        return Event(at, who, name, text)
    channel, sender = int(data["channel"]), data.get("sender")
    wire = WireEvent(
        at=at,
        connection=int(data["connection"]),
        channel=channel,
        sender=None if sender is None else Side(sender),
        name=name,
        frame=None if sender is None else _Written(name, channel, data.get("fields", {})),
        content=_content(data),
    )
    return Event(at, who, name, text, wire)


def _content(data: Mapping[str, Any]) -> Content | None:
    if "body" not in data:
        return None
    tokens = data.get("tasks")
    body = " ".join(tokens) if tokens else data["body"]
    given = data.get("properties", {})
    headers, message_id = given.get("headers"), given.get("message_id")
    properties = _NO_PROPERTIES
    if headers or message_id:
        headers = headers if isinstance(headers, dict) else None
        properties = pamqp.commands.Basic.Properties(headers=headers, message_id=message_id)
    return Content(properties, body.encode(errors="surrogatepass"))


class _Written(Frame):
    """A frame of which a file has the fields, and not the bytes."""

    __slots__ = ("_fields",)

    def __init__(self, name: str, channel: int, fields: Mapping[str, Any]) -> None:
        self.raw, self.channel, self.name, self.fault = b"", channel, name, ""
        self._fields = fields
        self._decoded = None

    def decode(self) -> Any:
        """The method with its fields, as far as the file has them."""
        if self._decoded is None and self.name in _CLASSES:
            method = _CLASSES[self.name]()
            for name, value in self._fields.items():
                if isinstance(getattr(method, name, None), dict) <= isinstance(value, dict):
                    setattr(method, name, value)
            self._decoded = method
        return self._decoded
