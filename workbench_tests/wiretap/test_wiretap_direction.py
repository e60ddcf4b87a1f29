"""The core of a connection, as plays: bytes come in, bytes and events go out. No sockets take part.

Whatever the segments, the same bytes and the same events come out.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workqueue_spec.wiretap import (
    Connection,
    Frame,
    Hold,
    LinkFault,
    Rule,
    Selective,
    Side,
    WireEvent,
    only,
)
from workqueue_spec.wiretap.core import Core
from workqueue_spec.wiretap.frames import Splitter
from workqueue_spec.wiretap.outputs import Close, Command, Connect, Discard, Outputs, Sever, Write, WriteEof

from .amqp_bytes import GARBAGE, HEARTBEAT, PROTOCOL, ack, deliver, publish, timeless

NOW = 1.0


@dataclass
class Seen:
    """What has come out of a core, in all."""

    commands: list[Command] = field(default_factory=list)
    events: list[WireEvent] = field(default_factory=list)

    def __iadd__(self, outputs: Outputs) -> "Seen":
        self.commands += outputs.commands
        self.events += outputs.events
        return self

    @property
    def written(self) -> bytes:
        """What was sent to the broker."""
        return b"".join(
            each.data for each in self.commands if isinstance(each, Write) and each.to is Side.BROKER
        )

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]


def play(core: Core, *pieces: bytes) -> Seen:
    """The client sends these pieces one after another."""
    seen = Seen()
    for piece in pieces:
        seen += core.received(Side.CLIENT, NOW, piece)
        seen += core.read()
    return seen


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
    """Frames of several messages and others, even on one channel, which is against the protocol."""
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


def run(pieces: Sequence[bytes], rules: Sequence[Rule] = (), late: Sequence[Rule] = ()) -> Seen:
    """The client sends the pieces and ends; the late rules come after half of the pieces."""
    core, seen = Core(1, rules), Seen()
    for number, piece in enumerate(pieces):
        if number == len(pieces) // 2:
            for rule in late:
                core.add_rule(rule)
        seen += core.received(Side.CLIENT, NOW, piece)
        seen += core.read()
    seen += core.ended(Side.CLIENT, NOW)
    assert seen.events.pop().name == "Tap.Disconnected"
    assert seen.commands.pop() == WriteEof(Side.BROKER)
    return seen


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
def test_once_a_hold_is_over_nothing_is_kept_back(stream: bytes) -> None:
    core, hold = Core(1), Hold("Connection.Open", Side.CLIENT, lambda *_: None)
    core.add_hold(hold)
    seen = play(core, stream)
    seen += core.end_hold(hold, dropped=False)

    assert seen.written == stream


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
    @only("Basic.Ack")
    def doubled(_: Connection, sender: Side, frame: Frame) -> list[bytes]:
        return [ack(1), ack(2)]

    stream = HEARTBEAT + ack(7) + HEARTBEAT
    seen = play(Core(1, [doubled]), *(bytes([byte]) for byte in stream))

    assert seen.written == HEARTBEAT + ack(1) + ack(2) + HEARTBEAT
    assert seen.names == ["Heartbeat", "Basic.Ack", "Basic.Ack", "Heartbeat"]


def test_a_rule_that_drops_a_method_drops_its_content() -> None:
    @only("Basic.Publish")
    def dropped(_: Connection, sender: Side, frame: Frame) -> list[bytes]:
        return []

    frames = [*publish(1, b"gone", b"too"), ack(1), *publish(1, b"gone")]
    seen = play(Core(1, [dropped]), *frames)

    assert seen.written == ack(1)
    assert seen.names == ["Basic.Ack"]


def test_a_rule_that_fails_is_told_of_and_changes_nothing() -> None:
    def failing(_: Connection, sender: Side, frame: Frame) -> list[bytes]:
        raise ValueError("\x1b[31mno")

    seen = run([ack(1)], [failing])

    assert seen.written == ack(1)
    assert seen.names == ["Tap.Failed", "Basic.Ack"]
    assert seen.events[0].note == "a rule on Basic.Ack: ValueError: \\x1b[31mno"


def test_a_frame_that_is_partly_forwarded_passes_as_it_is() -> None:
    core = Core(1)
    seen = play(core, ack(7)[:9])
    core.add_rule(lambda connection, sender, frame: [])
    seen += core.received(Side.CLIENT, NOW, ack(7)[9:] + ack(8))

    assert seen.written == ack(7)
    assert seen.names == ["Basic.Ack"]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_noted_once_and_passes(garbage: bytes) -> None:
    seen = run([HEARTBEAT, garbage, garbage, HEARTBEAT], [unchanged])
    notes = [event.note for event in seen.events if event.name == "Tap.Noted"]

    assert seen.written == HEARTBEAT + garbage + garbage + HEARTBEAT
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


# What rules ask for


@only("Basic.Publish")
def cutting(connection: Connection, sender: Side, frame: Frame) -> list[bytes]:
    connection.cut(reset=True)
    return []


def told(outputs: Outputs) -> list[str]:
    return [event.name for event in outputs.events]


def test_what_a_rule_sends_comes_after_the_frame_at_hand() -> None:
    @only("Basic.Ack", sender=Side.CLIENT)
    def echo(connection: Connection, sender: Side, frame: Frame) -> None:
        connection.send(Side.BROKER, HEARTBEAT)
        connection.send(Side.CLIENT, ack(9))

    commands, events = Core(1, [echo]).received(Side.CLIENT, NOW, ack(1) + ack(2))

    assert commands == [
        Write(Side.CLIENT, ack(9)),
        Write(Side.CLIENT, ack(9)),
        Write(Side.BROKER, ack(1) + HEARTBEAT + ack(2) + HEARTBEAT),
    ]
    assert [(event.name, event.sender) for event in events] == [
        ("Basic.Ack", "client"),
        ("Basic.Ack", "broker"),
        ("Heartbeat", "client"),
    ] * 2


def test_what_is_sent_waits_for_the_message_under_way() -> None:
    core = Core(1)
    *begun, last = deliver(1, 1, b"one ", b"two")
    core.received(Side.BROKER, NOW, b"".join(begun))
    core.read()
    core.send(Side.CLIENT, ack(9))
    assert core.outputs() == ([], [])

    outputs = core.received(Side.BROKER, NOW, last)
    assert outputs.commands == [Write(Side.CLIENT, last + ack(9))]
    assert told(outputs) == ["Basic.Deliver", "Basic.Ack"]


def test_a_rule_that_cuts_lets_nothing_pass_any_more() -> None:
    core = Core(1, [cutting])
    outputs = core.received(Side.CLIENT, NOW, b"".join(publish(1, b"task")) + ack(1))

    assert outputs.commands == [Sever(reset=True)]
    assert told(outputs) == ["Tap.Cut"]
    assert outputs.events[0].note == "RST"
    assert core.received(Side.BROKER, NOW, HEARTBEAT) == ([], [])


def test_a_rule_that_fails_before_another_cuts_is_told_of() -> None:
    def failing(connection: Connection, sender: Side, frame: Frame) -> None:
        raise ValueError("no")

    outputs = Core(1, [failing, cutting]).received(Side.CLIENT, NOW, publish(1)[0])

    assert told(outputs) == ["Tap.Failed", "Tap.Cut"]


def test_a_cut_from_a_timer_is_put_out_on_request() -> None:
    requests: list[Outputs] = []
    core = Core(1, on_request=lambda: requests.append(core.outputs()))
    core.cut()
    core.cut()

    (outputs,) = requests
    assert outputs.commands == [Sever(reset=False)]
    assert told(outputs) == ["Tap.Cut"]


def test_a_rule_that_releases_a_hold_changes_no_order() -> None:
    seen = Seen()

    @only("Heartbeat")
    def releasing(connection: Connection, sender: Side, frame: Frame) -> None:
        hold.release()

    def finish(hold: Hold, forward: bool) -> None:
        nonlocal seen
        seen += core.end_hold(hold, dropped=not forward)

    core, hold = Core(1, [releasing]), Hold("Basic.Ack", Side.CLIENT, finish)
    core.add_hold(hold)
    seen += core.received(Side.CLIENT, NOW, ack(1) + HEARTBEAT + ack(2) + ack(3)[:12])

    assert seen.written == HEARTBEAT + ack(1) + ack(2) + ack(3)[:12]


def kept(hold: Hold, forward: bool) -> None:
    raise AssertionError("nobody ends this hold")


def test_a_frame_that_is_held_back_is_told_with_its_fields() -> None:
    core = Core(1, holds=[Hold("Basic.Ack", Side.CLIENT, kept)])
    outputs = core.received(Side.CLIENT, NOW, ack(7, channel=3) + HEARTBEAT)

    assert outputs.commands == [Write(Side.BROKER, HEARTBEAT)]
    (held, _) = outputs.events
    assert (held.name, held.channel, held.note) == ("Tap.Noted", 3, "held back from the client: Basic.Ack")
    assert held.frame is not None
    assert held.frame.raw == ack(7, channel=3)


@pytest.mark.parametrize("cuts", [[], [3], [12, 22, 30]])
def test_chance_is_asked_once_for_each_frame(cuts: list[int]) -> None:
    answers = iter([False, True, False])
    hold = Hold("Basic.Ack", Side.CLIENT, kept, chance=lambda: next(answers))
    seen = play(Core(1, holds=[hold]), *segments(ack(1) + HEARTBEAT + ack(2) + ack(3), cuts))

    assert seen.written == ack(1) + HEARTBEAT + ack(3)
    assert hold.held == 1
    assert list(answers) == []


def test_chance_is_not_asked_about_what_follows_a_held_frame() -> None:
    answers = iter([True])
    hold = Hold("Basic.Publish", Side.CLIENT, kept, and_after=True, chance=lambda: next(answers))
    seen = play(Core(1, holds=[hold]), *publish(1, b"one"), *publish(1, b"two"), HEARTBEAT)

    assert seen.written == b""
    assert hold.held == 3


# A cut after a number of bytes

BOTH = frozenset(Side)
TWO_ACKS = ack(1) + ack(2)


@pytest.mark.parametrize("rules", [[], [unchanged]])
@pytest.mark.parametrize("cuts", [[], [5], [len(ack(1))], list(range(60))])
def test_a_connection_is_reset_after_exactly_that_many_bytes(rules: list[Rule], cuts: list[int]) -> None:
    core = Core(1, rules, fault=LinkFault(BOTH, cut_after=len(TWO_ACKS)))
    seen = play(core, *segments(TWO_ACKS + ack(3), cuts))

    assert seen.written == TWO_ACKS
    assert seen.commands[-1] == Sever(reset=True)
    assert seen.names == ["Basic.Ack", "Basic.Ack", "Tap.Noted", "Tap.Cut"]
    assert seen.events[2].note == f"cut after {len(TWO_ACKS)} bytes"
    assert core.over


def test_a_cut_within_a_frame_forwards_the_part_before_it() -> None:
    seen = play(Core(1, fault=LinkFault(BOTH, cut_after=25)), TWO_ACKS)

    assert seen.written == TWO_ACKS[:25]
    assert seen.names == ["Basic.Ack", "Tap.Noted", "Tap.Cut"]


def test_both_sides_count_together_for_a_cut() -> None:
    core = Core(1, fault=LinkFault(BOTH, cut_after=len(TWO_ACKS)))
    seen = play(core, ack(1))
    seen += core.received(Side.BROKER, NOW, ack(2))
    seen += core.read()

    assert seen.names == ["Basic.Ack", "Basic.Ack", "Tap.Noted", "Tap.Cut"]


def test_the_side_that_the_fault_does_not_name_counts_nothing() -> None:
    core = Core(1, fault=LinkFault(frozenset({Side.BROKER}), cut_after=1))

    assert play(core, TWO_ACKS).written == TWO_ACKS
    assert not core.over


def test_the_note_of_a_fault_is_told_when_the_connection_is_connected() -> None:
    core = Core(1, fault=LinkFault(BOTH, note="bad weather"))
    core.opened(Side.CLIENT, "127.0.0.1:43210")
    opened = core.opened(Side.BROKER, "127.0.0.1:5672")

    assert [(event.name, event.note) for event in opened.events] == [
        ("Tap.Connected", "127.0.0.1:43210"),
        ("Tap.Noted", "bad weather"),
    ]


# How a connection begins and ends


def test_a_connection_from_its_beginning_to_its_end() -> None:
    core = Core(1)
    assert core.opened(Side.CLIENT, "127.0.0.1:43210") == ([Connect()], [])
    opened = core.opened(Side.BROKER, "127.0.0.1:5672")
    assert [(event.name, event.note) for event in opened.events] == [("Tap.Connected", "127.0.0.1:43210")]
    assert core.received(Side.CLIENT, NOW, HEARTBEAT) == ([Write(Side.BROKER, HEARTBEAT)], [])
    assert told(core.read()) == ["Heartbeat"]

    ended = core.ended(Side.CLIENT, NOW)
    assert ended.commands == [WriteEof(Side.BROKER)]
    assert [event.note for event in ended.events] == ["closed by the client"]
    assert core.received(Side.BROKER, NOW, ack(1)) == ([Write(Side.CLIENT, ack(1))], [])
    assert core.ended(Side.BROKER, NOW) == ([Close(Side.CLIENT), Close(Side.BROKER)], [])


def test_half_a_frame_goes_on_before_the_end() -> None:
    core = Core(1, [unchanged])
    assert core.received(Side.CLIENT, NOW, ack(1)[:9]) == ([], [])

    ended = core.ended(Side.CLIENT, NOW)
    assert ended.commands == [Write(Side.BROKER, ack(1)[:9]), WriteEof(Side.BROKER)]
    assert told(ended) == ["Tap.Noted", "Tap.Disconnected"]


@pytest.mark.parametrize("how", ["closed", "reset"])
def test_a_lost_socket_is_passed_on_as_it_was_lost(how: str) -> None:
    lost = Core(1).lost(Side.BROKER, NOW, how)

    assert lost.commands == [Close(Side.CLIENT, reset=how == "reset")]
    assert [event.note for event in lost.events] == [f"{how} by the broker"]


def test_without_a_broker_both_sides_are_reset() -> None:
    refused = Core(1).refused("nobody there")

    assert refused.commands == [Sever(reset=True)]
    assert [(event.name, event.note) for event in refused.events] == [("Tap.Refused", "nobody there")]


def test_in_a_black_hole_neither_side_learns_of_the_end_of_the_other() -> None:
    core = Core(1)
    core.swallow()
    assert core.outputs().commands == [Discard()]
    assert core.received(Side.CLIENT, NOW, HEARTBEAT) == ([], [])

    ended = core.ended(Side.CLIENT, NOW)
    assert ended.commands == [Close(Side.CLIENT)]
    assert [event.note for event in ended.events] == ["closed by the client"]
    assert core.lost(Side.CLIENT, NOW, "closed") == ([], [])
