"""Frames to send in tests, and events without their time, to be compared."""

from collections.abc import Sequence

from pamqp import body, commands, header, heartbeat

from workqueue_spec.wiretap import Content, Frame, WireEvent, marshal

PROTOCOL = b"AMQP\x00\x00\x09\x01"
HEARTBEAT = heartbeat.Heartbeat.marshal()
GARBAGE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"AMQP\x00\x01\x00\x00" + b"\x00\x00\x00\x20\x02\x00\x00\x00",
    b"AMQX",
    b"\x01\x00\x01\xff\xff\xff\xff" + bytes(40),
    b"\x01\x00\x01\x00\x00\x00\x04\x00\x3c\x00\x50\x00",
    b"\x00" * 30,
)


def ack(tag: int, channel: int = 1) -> bytes:
    return marshal(commands.Basic.Ack(tag), channel)


def message(
    method: commands.Basic.Publish | commands.Basic.Deliver, channel: int, *pieces: bytes
) -> list[bytes]:
    """A method, its content header and one body frame for each piece."""
    size = sum(map(len, pieces))
    head = header.ContentHeader(body_size=size, properties=commands.Basic.Properties(delivery_mode=2))
    return [
        marshal(method, channel),
        marshal(head, channel),
        *(marshal(body.ContentBody(piece), channel) for piece in pieces),
    ]


def publish(channel: int, *pieces: bytes, routing_key: str = "task_queue") -> list[bytes]:
    return message(commands.Basic.Publish(routing_key=routing_key), channel, *pieces)


def deliver(channel: int, tag: int, *pieces: bytes) -> list[bytes]:
    return message(commands.Basic.Deliver("consumer", tag, False, "", "task_queue"), channel, *pieces)


def timeless(events: Sequence[WireEvent]) -> list[tuple[object, ...]]:
    """The events as values that can be compared, without their time and connection."""
    return [
        (event.channel, event.sender, event.name, _raw(event.frame), _values(event.content), event.note)
        for event in events
    ]


def _raw(frame: Frame | None) -> bytes | None:
    return frame.raw if frame is not None else None


def _values(content: Content | None) -> tuple[object, ...] | None:
    return (dict(content.properties), content.body) if content is not None else None
