"""The parts of which broker lies are made: rewritten frames, withheld messages, and compared declarations."""

from types import SimpleNamespace
from typing import Any, cast

from hypothesis import strategies as st
from pamqp import body, commands, header

from mutants.broker_lies import changed, redeclarations, whole, with_properties
from workqueue_spec.bench.examples import examples
from workqueue_spec.wiretap import Connection, Frame, Side, marshal
from workqueue_spec.wiretap.frames import frames_in

PROPERTIES = commands.Basic.Properties(message_id="m", delivery_mode=2)


def a_connection() -> Connection:
    """The part of a connection that a lie uses."""
    return cast(Connection, SimpleNamespace(state={}))


def message(*parts: bytes, channel: int = 1) -> list[Frame]:
    """The frames of a delivery whose body comes in these parts."""
    content = header.ContentHeader(0, sum(map(len, parts)), PROPERTIES)
    deliver = commands.Basic.Deliver("c", 1, routing_key="q")
    raw = marshal(deliver, channel) + marshal(content, channel)
    return frames_in(raw + b"".join(marshal(body.ContentBody(part), channel) for part in parts))


def decoded(raw: list[bytes]) -> Any:
    (frame,) = frames_in(b"".join(raw))
    return frame.decode()


def test_a_method_is_changed_in_some_fields_alone() -> None:
    (frame,) = frames_in(marshal(commands.Basic.Deliver("c", 7, redelivered=True, routing_key="q"), 3))
    method = decoded(changed(frame, redelivered=False))
    assert (method.consumer_tag, method.delivery_tag, method.routing_key) == ("c", 7, "q")
    assert not method.redelivered


def test_a_message_is_changed_in_some_properties_alone() -> None:
    content = decoded(with_properties(message(b"task")[1], delivery_mode=1))
    assert (content.body_size, content.properties.message_id, content.properties.delivery_mode) == (4, "m", 1)


def shown(
    connection: Connection, frames: list[Frame], instead: list[bytes] | None
) -> tuple[list[list[bytes]], bytes]:
    """The messages that a `whole` rule was shown, and the bytes that were passed on."""
    seen: list[list[bytes]] = []

    def act(_: Connection, shown: Any) -> list[bytes] | None:
        seen.append([frame.raw for frame in shown])
        return instead

    rule = whole("Basic.Deliver", Side.BROKER, act)
    went_on = b""
    for frame in frames:
        result = rule(connection, Side.BROKER, frame)
        went_on += frame.raw if result is None else b"".join(result)
    return seen, went_on


def test_a_whole_message_is_shown_once_and_goes_on_as_it_was() -> None:
    for frames in (message(b"ta", b"sk"), message(b"task"), message()):
        seen, went_on = shown(a_connection(), frames, None)
        assert seen == [[frame.raw for frame in frames]]
        assert [each.raw for each in frames_in(went_on)[1:]] == seen[0]


def test_a_whole_message_is_dropped() -> None:
    _, went_on = shown(a_connection(), message(b"ta", b"sk"), [])
    assert [frame.name for frame in frames_in(went_on)] == ["Heartbeat"]


def test_channels_are_kept_apart() -> None:
    one, other = message(b"one"), message(b"other", channel=2)
    mixed = [frame for pair in zip(one, other, strict=True) for frame in pair]
    seen, _ = shown(a_connection(), mixed, None)
    assert seen == [[frame.raw for frame in each] for each in (one, other)]


def test_a_queue_that_is_declared_again_is_compared_with_the_first_time() -> None:
    connection, compared = a_connection(), []

    def act(_: Connection, frame: Frame, first: Frame) -> None:
        compared.append((frame, first))

    rule = redeclarations(act)

    def declare(queue: str, *, durable: bool, accepted: bool = True) -> Frame:
        (frame,) = frames_in(marshal(commands.Queue.Declare(queue=queue, durable=durable), 1))
        rule(connection, Side.CLIENT, frame)
        if accepted:
            rule(connection, Side.BROKER, frames_in(marshal(commands.Queue.DeclareOk(queue, 0, 0), 1))[0])
        return frame

    declare("a", durable=False, accepted=False)
    first = declare("a", durable=True)
    declare("b", durable=True)
    others = [declare("a", durable=False), declare("a", durable=True)]
    assert compared == [(each, first) for each in others]


def test_examples_are_the_same_for_a_seed() -> None:
    numbers = st.integers(0, 10**9)
    assert examples(numbers, 5, seed=1) == examples(numbers, 5, seed=1)
    assert examples(numbers, 5, seed=1) != examples(numbers, 5, seed=2)
    assert len(examples(numbers, 5, seed=1)) == 5
    assert len(examples(st.booleans(), 5, seed=1)) == 2
