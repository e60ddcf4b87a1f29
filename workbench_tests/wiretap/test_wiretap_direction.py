"""One direction, without sockets: whatever the segments, the same bytes and the same events come out."""

import itertools
from collections.abc import Callable, Sequence
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workqueue_spec.wiretap import Connection, Frame, Rule, Selective, Side, WireEvent, only
from workqueue_spec.wiretap.direction import Direction
from workqueue_spec.wiretap.frames import Splitter

from .amqp_bytes import GARBAGE, HEARTBEAT, PROTOCOL, ack, deliver, publish, timeless


class FakeLine:
    """What a direction sees of its line."""

    number = 1
    over = False

    def __init__(self) -> None:
        self.written = b""
        self.events: list[WireEvent] = []

    def write(self, to: Side, data: bytes) -> None:
        self.written += data

    def tell(self, events: Sequence[WireEvent]) -> None:
        self.events += events

    def inspect(self, action: Callable[[], None], busy: Direction | None = None) -> None:
        action()

    def answer(self) -> None:
        pass


def direction(line: FakeLine, *rules: Rule, sender: Side = Side.CLIENT) -> Direction:
    return Direction(cast(Connection, line), sender, rules, [])


def unchanged(connection: Connection, sender: Side, frame: Frame) -> None:
    return None


def selective(*names: str) -> Selective:
    return only(*names)(unchanged)


CHANNELS = st.integers(1, 3)
BODIES = st.lists(st.binary(max_size=40), max_size=3)
MESSAGES = st.builds(lambda channel, pieces: publish(channel, *pieces), CHANNELS, BODIES)
SINGLES = st.one_of(
    st.just(HEARTBEAT),
    st.builds(ack, st.integers(0, 2**63 - 1), CHANNELS),
    st.binary(max_size=20).map(
        lambda payload: b"\x01\x00\x01" + len(payload).to_bytes(4) + payload + b"\xce"
    ),
).map(lambda raw: [raw])


@st.composite
def interleaved(draw: st.DrawFn) -> list[bytes]:
    """Frames of several messages and others, even on one channel, where that is against the protocol."""
    return mixed(draw, draw(st.lists(st.one_of(MESSAGES, SINGLES), max_size=6)))


def mixed(
    draw: Callable[[st.SearchStrategy[list[bytes]]], list[bytes]], queues: list[list[bytes]]
) -> list[bytes]:
    """The frames of all the queues in one, each queue in its own order."""
    frames = []
    while queues := [queue for queue in queues if queue]:
        frames.append(draw(st.sampled_from(queues)).pop(0))
    return frames


STREAMS = st.builds(
    lambda start, frames, end: start + b"".join(frames) + end,
    st.sampled_from((b"", PROTOCOL)),
    interleaved(),
    st.one_of(st.just(b""), st.sampled_from(GARBAGE), st.binary(max_size=60)),
)
CUTS = st.lists(st.integers(0, 400), max_size=12)
RULES = st.lists(
    st.sampled_from(
        (unchanged, selective("Basic.Ack"), selective("ContentHeader"), selective("Connection.Open"))
    ),
    max_size=2,
)


def segments(stream: bytes, cuts: list[int]) -> list[bytes]:
    bounds = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    return [stream[start:stop] for start, stop in itertools.pairwise(bounds) if start < stop]


def run(pieces: Sequence[bytes], rules: Sequence[Rule] = (), late: Sequence[Rule] = ()) -> FakeLine:
    """Sends the pieces through a direction; the late rules come after half of them."""
    connection = FakeLine()
    tested = direction(connection, *rules)
    for number, piece in enumerate(pieces):
        if number == len(pieces) // 2:
            tested.rules += late
        tested.forward(0.0, piece)
    tested.end(0.0)
    return connection


@given(STREAMS, CUTS, RULES, RULES)
def test_segments_and_rules_that_change_nothing_make_no_difference(
    stream: bytes, cuts: list[int], rules: list[Rule], late: list[Rule]
) -> None:
    whole = run([stream] if stream else [])
    cut = run(segments(stream, cuts), rules, late)

    assert whole.written == stream
    assert cut.written == stream
    assert timeless(cut.events) == timeless(whole.events)


@given(STREAMS)
def test_byte_by_byte_makes_no_difference(stream: bytes) -> None:
    whole = run([stream] if stream else [], [unchanged])
    cut = run([bytes([byte]) for byte in stream])

    assert cut.written == stream
    assert timeless(cut.events) == timeless(whole.events)


@given(STREAMS)
def test_without_a_rule_nothing_is_kept_back(stream: bytes) -> None:
    connection = FakeLine()
    tested = direction(connection, selective("Connection.Open"))
    tested.forward(0.0, stream)
    tested.rules.clear()
    tested.advance()

    assert connection.written == stream


@given(st.lists(st.lists(st.binary(min_size=1, max_size=40), max_size=3), max_size=4), st.data())
def test_every_message_is_told_once_and_whole(bodies: list[list[bytes]], data: st.DataObject) -> None:
    queues = [publish(channel, *pieces) for channel, pieces in enumerate(bodies, 1)]
    told = run(mixed(data.draw, queues)).events

    assert {event.channel: event.content.body for event in told if event.content is not None} == {
        channel: b"".join(pieces) for channel, pieces in enumerate(bodies, 1)
    }
    assert len(told) == len(bodies)


def test_messages_on_interleaved_channels_are_put_together() -> None:
    first, second = publish(1, b"one ", b"two"), publish(2, b"drei")
    frames = [first[0], second[0], second[1], first[1], first[2], HEARTBEAT, second[2], first[3]]

    told = run([b"".join(frames)]).events

    assert [(event.name, event.channel) for event in told] == [
        ("Heartbeat", 0),
        ("Basic.Publish", 2),
        ("Basic.Publish", 1),
    ]
    assert [event.content.body for event in told if event.content] == [b"drei", b"one two"]
    assert told[2].content is not None
    assert told[2].content.properties.delivery_mode == 2


def test_a_message_that_breaks_off_is_told_without_its_content() -> None:
    frames = [*publish(1, b"half", b"lost")[:-1], ack(1, channel=1)]

    told = run(frames).events

    assert [event.name for event in told] == ["Basic.Publish", "Tap.Noted", "Basic.Ack"]
    assert told[0].content is None


def test_a_rule_sees_a_frame_before_it_is_forwarded_however_it_arrives() -> None:
    connection = FakeLine()

    @only("Basic.Ack")
    def doubled(_: Connection, sender: Side, frame: Frame) -> list[bytes]:
        return [ack(1), ack(2)]

    tested = direction(connection, doubled)
    for byte in HEARTBEAT + ack(7) + HEARTBEAT:
        tested.forward(0.0, bytes([byte]))

    assert connection.written == HEARTBEAT + ack(1) + ack(2) + HEARTBEAT
    assert [event.name for event in connection.events] == ["Heartbeat", "Basic.Ack", "Basic.Ack", "Heartbeat"]


def test_a_rule_that_drops_a_method_drops_its_content() -> None:
    connection = FakeLine()

    @only("Basic.Publish")
    def dropped(_: Connection, sender: Side, frame: Frame) -> list[bytes]:
        return []

    tested = direction(connection, dropped)
    for raw in [*publish(1, b"gone", b"too"), ack(1), *publish(1, b"gone")]:
        tested.forward(0.0, raw)

    assert connection.written == ack(1)
    assert [event.name for event in connection.events] == ["Basic.Ack"]


def test_a_rule_that_fails_is_told_of_and_changes_nothing() -> None:
    def failing(_: Connection, sender: Side, frame: Frame) -> list[bytes]:
        raise ValueError("\x1b[31mno")

    line = run([ack(1)], [failing])

    assert line.written == ack(1)
    assert [event.name for event in line.events] == ["Tap.Failed", "Basic.Ack"]
    assert line.events[0].note == "a rule on Basic.Ack: ValueError: \\x1b[31mno"


def test_a_frame_that_is_partly_forwarded_passes_as_it_is() -> None:
    connection = FakeLine()
    tested = direction(connection)
    tested.forward(0.0, ack(7)[:9])
    tested.rules.append(lambda connection, sender, frame: [])
    tested.forward(0.0, ack(7)[9:] + ack(8))

    assert connection.written == ack(7)
    assert [event.name for event in connection.events] == ["Basic.Ack"]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_noted_once_and_passes(garbage: bytes) -> None:
    line = run([HEARTBEAT, garbage, garbage, HEARTBEAT], [unchanged])
    notes = [event.note for event in line.events if event.name == "Tap.Noted"]

    assert line.written == HEARTBEAT + garbage + garbage + HEARTBEAT
    assert len(notes) == 1
    assert "no AMQP" in notes[0]


def test_a_method_that_pamqp_cannot_decode_is_told_all_the_same() -> None:
    frame = Frame(b"\x01\x00\x01\x00\x00\x00\x05\x00\x3c\x00\x50\x00\xce", 1)

    assert frame.name == "Basic.Ack"
    assert frame.decode() is None
    assert frame.decode() is None
    assert frame.fault


def test_a_giant_frame_is_not_waited_for() -> None:
    splitter = Splitter()

    assert splitter.feed(b"\x03\x00\x01\x7f\xff\xff\xff" + bytes(1000)) == []
    assert "2147483647 bytes" in splitter.fault


def test_a_delivery_has_its_fields() -> None:
    told = run([b"".join(deliver(1, 42, b"task"))]).events

    assert told[0].method is not None
    assert told[0].method["delivery_tag"] == 42
