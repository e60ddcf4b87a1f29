"""Puts a method, its content header and its content bodies together into one event."""

from dataclasses import dataclass, field
from typing import Final

import pamqp.commands
import pamqp.header

from .events import Content, Say, Side, WireEvent
from .frames import Frame

BEARERS: Final = frozenset({"Basic.Publish", "Basic.Deliver", "Basic.GetOk", "Basic.Return"})
"""The methods that a content header and content bodies follow, on the same channel."""

LARGEST_COLLECTION: Final = 128 * 1024 * 1024
"""Bytes of unfinished bodies that are kept for one direction. It is RabbitMQ 3's limit for one message. A
larger body passes too, but its message is told without content."""


@dataclass(slots=True)
class _Unfinished:
    method: Frame
    properties: pamqp.commands.Basic.Properties | None = None
    missing: int = 0
    body: bytearray = field(default_factory=bytearray)
    told: bool = False


class Contents:
    """The messages under way in one direction of a connection. Channels may be interleaved."""

    def __init__(self, connection: int, sender: Side) -> None:
        self._connection = connection
        self._sender = sender
        self._channels: dict[int, _Unfinished] = {}
        self._kept = 0

    def busy(self, channel: int) -> bool:
        """Whether a message is under way on the channel, so that nothing else may be sent on it."""
        return channel in self._channels

    def take(self, at: float, frame: Frame) -> list[WireEvent]:
        """What is to be told after this frame has passed."""
        if frame.is_content:
            unfinished = self._channels.get(frame.channel)
            if unfinished is None:
                return [self._event(at, frame)]
            if frame.name == "ContentBody":
                return self._body(at, unfinished, frame)
            return self._header(at, unfinished, frame)
        if not self._channels and frame.name not in BEARERS:
            return [self._event(at, frame)]
        events = []
        if frame.is_method and frame.channel in self._channels:
            events = self._broken_off(at, self._channels[frame.channel], "a message broke off")
            self._close(frame.channel)
        if frame.name in BEARERS:
            self._channels[frame.channel] = _Unfinished(frame)
            return events
        return [*events, self._event(at, frame)]

    def end(self, at: float) -> list[WireEvent]:
        """What is to be told when nothing more will come."""
        events: list[WireEvent] = []
        for channel, unfinished in list(self._channels.items()):
            events += self._broken_off(at, unfinished, "a message broke off")
            self._close(channel)
        return events

    def _header(self, at: float, unfinished: _Unfinished, frame: Frame) -> list[WireEvent]:
        header = frame.decode()
        if unfinished.properties is not None or not isinstance(header, pamqp.header.ContentHeader):
            self._close(frame.channel)
            return self._broken_off(at, unfinished, f"a content header that makes no sense: {frame.fault}")
        unfinished.properties = header.properties
        unfinished.missing = header.body_size
        return [] if unfinished.missing else self._whole(at, unfinished)

    def _body(self, at: float, unfinished: _Unfinished, frame: Frame) -> list[WireEvent]:
        if unfinished.properties is None:
            self._close(frame.channel)
            return self._broken_off(at, unfinished, "a body without a content header")
        payload = frame.payload
        unfinished.missing -= len(payload)
        events: list[WireEvent] = []
        if not unfinished.told:
            unfinished.body += payload
            self._kept += len(payload)
            if self._kept > LARGEST_COLLECTION:
                events = self._broken_off(at, unfinished, "a message too large to be kept")
                self._forget_body(unfinished)
        return events if unfinished.missing > 0 else events + self._whole(at, unfinished)

    def _whole(self, at: float, unfinished: _Unfinished) -> list[WireEvent]:
        self._close(unfinished.method.channel)
        if unfinished.told or unfinished.properties is None:
            return []
        return [self._event(at, unfinished.method, Content(unfinished.properties, bytes(unfinished.body)))]

    def _broken_off(self, at: float, unfinished: _Unfinished, why: str) -> list[WireEvent]:
        if unfinished.told:
            return []
        unfinished.told = True
        method = unfinished.method
        note = WireEvent(at, self._connection, method.channel, None, Say.NOTED, note=f"{method.name}: {why}")
        return [self._event(at, method), note]

    def _close(self, channel: int) -> None:
        self._kept -= len(self._channels.pop(channel).body)

    def _forget_body(self, unfinished: _Unfinished) -> None:
        self._kept -= len(unfinished.body)
        unfinished.body.clear()

    def _event(self, at: float, frame: Frame, content: Content | None = None) -> WireEvent:
        return WireEvent(
            at, self._connection, frame.channel, self._sender, frame.name, frame=frame, content=content
        )
