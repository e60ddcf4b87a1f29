"""What a line shows of an event, and what it never shows."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import base, commands

from workbench_tests.wiretap.amqp_bytes import HEARTBEAT, PROTOCOL
from workqueue_spec.commands.tap.lines import MOST_OF_A_BODY, as_json, text
from workqueue_spec.commands.tap.output import Output
from workqueue_spec.wiretap import Content, Frame, Say, Side, WireEvent, marshal


def event(
    method: base.Frame, channel: int = 1, sender: Side = Side.CLIENT, content: Content | None = None
) -> WireEvent:
    frame = Frame(marshal(method, channel), channel)
    return WireEvent(10.0, 1, channel, sender, frame.name, frame=frame, content=content)


def published(body: bytes, **properties: Any) -> WireEvent:
    content = Content(commands.Basic.Properties(**properties), body)
    return event(commands.Basic.Publish(routing_key="tasks"), content=content)


def data(wire: WireEvent) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_json(wire, 1.5, 1.25))
    return found


def raw(raw: bytes) -> WireEvent:
    frame = Frame(raw, 0)
    return WireEvent(10.0, 1, 0, Side.CLIENT, frame.name, frame=frame)


START_OK = commands.Connection.StartOk(
    {"product": "Pika", "version": "1", "connection_name": "mine"}, "PLAIN", "\0guest\0s3cret", "en_US"
)


@pytest.mark.parametrize(
    ("wire", "line"),
    [
        (raw(PROTOCOL), "    1.500 #1         -> protocolheader"),
        (raw(HEARTBEAT), "    1.500 #1         -> heartbeat"),
        (
            event(START_OK, channel=0),
            "    1.500 #1         -> connection.start-ok mechanism=PLAIN product=Pika version=1 "
            "connection-name=mine",
        ),
        (
            event(commands.Connection.Tune(2047, 131072, 0), 0, Side.BROKER),
            "    1.500 #1         <- connection.tune channel-max=2047 frame-max=131072 heartbeat=0",
        ),
        (
            event(commands.Queue.Declare(0, "tasks", durable=True, arguments={"x-max-length": 9})),
            "    1.500 #1   ch 1  -> queue.declare tasks durable arguments={'x-max-length': 9}",
        ),
        (event(commands.Basic.Qos(0, 5, True)), "    1.500 #1   ch 1  -> basic.qos prefetch-count=5 global"),
        (
            event(commands.Basic.Ack(7, True), 12, Side.BROKER),
            "    1.500 #1   ch 12 <- basic.ack tag 7 multiple",
        ),
        (
            published(b"\x1b[31m\0", delivery_mode=2, correlation_id="c\n"),
            "    1.500 #1   ch 1  -> basic.publish routing-key=tasks persistent '\\x1b[31m\\x00' (6 bytes) "
            "correlation-id=c\\n",
        ),
        (
            WireEvent(10.0, 2, 0, None, Say.REFUSED, note="nobody there"),
            "    1.500 #2         tap.refused nobody there",
        ),
        (
            event(commands.Basic.Ack(7))._replace(sender=None, name=Say.NOTED, note="held back: Basic.Ack"),
            "    1.500 #1   ch 1  tap.noted held back: Basic.Ack tag 7",
        ),
        (
            raw(b"\x01\x00\x00\x00\x00\x00\x05\x00\x3c\x00\x50\x00\xce"),
            "    1.500 #1         -> basic.ack (its fields cannot be decoded)",
        ),
    ],
)
def test_a_line_for_a_person(wire: WireEvent, line: str) -> None:
    assert text(wire, 1.5) == line


def test_a_long_body_is_cut_and_its_size_told() -> None:
    line = text(published(b"x" * 5000), 0)
    assert len(line) < 200
    assert line.endswith("xxx... (5000 bytes)")


def test_an_event_as_json() -> None:
    wire = published(b"task", delivery_mode=2, headers={"by": [b"me", float("nan"), None]})
    assert wire.frame is not None
    assert data(wire) == {
        "at": 1.5,
        "arrived": 1.25,
        "connection": 1,
        "channel": 1,
        "sender": "client",
        "name": "Basic.Publish",
        "bytes": len(wire.frame.raw),
        "fields": {
            "ticket": 0,
            "exchange": "",
            "routing_key": "tasks",
            "mandatory": False,
            "immediate": False,
        },
        "properties": {"headers": {"by": ["me", "nan", None]}, "delivery_mode": 2},
        "body": "task",
        "body_size": 4,
    }


def test_a_time_and_a_held_frame_as_json() -> None:
    assert data(published(b"", timestamp=datetime(2024, 1, 2, tzinfo=UTC)))["properties"] == {
        "timestamp": "2024-01-02 00:00:00+00:00"
    }
    held = data(
        event(commands.Basic.Ack(7))._replace(sender=None, name=Say.NOTED, note="held back: Basic.Ack")
    )
    assert (held["name"], held["frame"], held["sender"]) == ("Tap.Noted", "Basic.Ack", None)
    assert held["fields"] == {"delivery_tag": 7, "multiple": False}


def test_a_body_that_is_no_text_is_in_base64() -> None:
    assert data(published(b"\xff\xfe")) | {"body_base64": "//4=", "body_size": 2} == data(
        published(b"\xff\xfe")
    )


def test_a_body_is_cut_between_two_characters() -> None:
    shown = data(published("é".encode() * MOST_OF_A_BODY))
    assert shown["body"] == "é" * (MOST_OF_A_BODY // 2)
    assert shown["body_size"] == 2 * MOST_OF_A_BODY
    shifted = data(published(b"x" + "é".encode() * MOST_OF_A_BODY))
    assert shifted["body"] == "x" + "é" * (MOST_OF_A_BODY // 2 - 1)


@pytest.mark.parametrize(
    "method",
    [
        START_OK,
        commands.Connection.Secure("s3cret"),
        commands.Connection.SecureOk("s3cret"),
        commands.Connection.UpdateSecret("s3cret", "renewed"),
    ],
)
@pytest.mark.parametrize("held", [False, True])
def test_a_secret_of_the_login_is_never_shown(method: base.Frame, held: bool) -> None:
    wire = event(method, 0)
    if held:
        wire = wire._replace(sender=None, name=Say.NOTED, note=f"held back: {method.name}")
    assert "s3cret" not in text(wire, 0)
    assert "s3cret" not in as_json(wire, 0, 0)
    broken = Frame(wire.frame.raw[:-4] + b"\xce", 0) if wire.frame is not None else None
    assert "s3cre" not in text(wire._replace(frame=broken), 0)
    assert "s3cre" not in as_json(wire._replace(frame=broken), 0, 0)


@given(st.binary(max_size=300), st.text(max_size=30).filter(lambda name: len(name.encode()) < 256))
def test_no_line_holds_what_a_terminal_obeys(body: bytes, key: str) -> None:
    wire = published(body, headers={"by": key}, correlation_id="c")
    assert text(wire, 0).isprintable()
    line = as_json(wire, 0, 0)
    assert line.isascii()
    assert line.isprintable()


# The way to the terminal


def lost(number: int) -> str:
    return f"{number} lost"


def test_lines_are_printed_in_order() -> None:
    stream = io.StringIO()
    output = Output(stream, lost)
    output.put("one")
    output.put("two")
    output.finish("last")
    assert stream.getvalue() == "one\ntwo\nlast\n"


def test_a_stream_that_is_too_slow_loses_lines_and_says_so() -> None:
    stream = io.StringIO()
    output = Output(stream, lost, most=2)
    for line in ("one", "two", "three", "four"):
        output.put(line)
    output.finish()
    output.put("five")
    output.finish("last")
    assert stream.getvalue() == "one\ntwo\n2 lost\nfive\nlast\n"
