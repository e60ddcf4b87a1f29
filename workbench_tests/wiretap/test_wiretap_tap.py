"""A tap between plain sockets: what passes, what is told, and each fault as both sides see it."""

import contextlib
import errno
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pamqp import commands

from workqueue_spec.wiretap import (
    Connection,
    Frame,
    Limit,
    LinkFault,
    LoopThread,
    OwnPort,
    Say,
    Side,
    Upstream,
    into_virtual_host,
    marshal,
    only,
    with_heartbeat,
)

from .amqp_bytes import GARBAGE, HEARTBEAT, PROTOCOL, ack, deliver, publish
from .peers import Peer, Recorder, Scene


@pytest.fixture
def scene() -> Iterator[Scene]:
    with Scene.set_up() as made:
        yield made


def names(scene: Scene) -> list[str]:
    return [event.name for event in scene.recorder.events]


def assert_reset(peer: Peer) -> None:
    with pytest.raises(ConnectionResetError):
        peer.rest()


# What passes


def test_frames_pass_both_ways_and_are_told(scene: Scene) -> None:
    client, broker = scene.connect()
    client.send(PROTOCOL, HEARTBEAT)
    broker.expect(PROTOCOL, HEARTBEAT)
    broker.send(*deliver(1, 1, b"a task"))
    client.expect(*deliver(1, 1, b"a task"))

    delivery = scene.recorder.named("Basic.Deliver")[0]

    assert names(scene) == ["Tap.Connected", "ProtocolHeader", "Heartbeat", "Basic.Deliver"]
    assert (delivery.sender, delivery.connection, delivery.channel) == (Side.BROKER, 1, 1)
    assert delivery.content is not None
    assert delivery.content.body == b"a task"


def test_connected_tells_the_address_of_the_client(scene: Scene) -> None:
    client, _ = scene.connect()
    host, port = client.socket.getsockname()

    assert scene.recorder.named("Tap.Connected")[0].note == f"{host}:{port}"


def test_connections_are_numbered_and_counted(scene: Scene) -> None:
    pairs = [scene.connect() for _ in range(3)]
    scene.recorder.named("Tap.Connected", 3)

    assert scene.tap.connections == len(pairs)
    assert [event.connection for event in scene.recorder.events] == [1, 2, 3]


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(st.one_of(st.binary(max_size=300), st.sampled_from((HEARTBEAT, ack(1), *GARBAGE))), max_size=8),
    st.sampled_from((None, 1, 7)),
)
def test_any_bytes_arrive_as_they_were_sent(scene: Scene, pieces: list[bytes], size: int | None) -> None:
    scene.tap.split(size)
    client, broker = scene.connect()
    client.send(*pieces)
    client.socket.shutdown(socket.SHUT_WR)
    broker.send(*pieces)
    broker.socket.shutdown(socket.SHUT_WR)

    assert broker.rest() == b"".join(pieces)
    assert client.rest() == b"".join(pieces)


def test_a_slow_reader_slows_its_sender(scene: Scene) -> None:
    size = 64 * 1024 * 1024
    client, broker = scene.connect()
    sent = client.send_until_stuck(size)
    assert sent < size / 2

    rest = threading.Thread(target=lambda: client.send(bytes(size - sent)))
    rest.start()
    received = 0
    while received < size:
        received += len(broker.socket.recv(1 << 20))
    rest.join()
    assert received == size


# How it ends


def test_a_close_is_passed_on_after_what_was_sent(scene: Scene) -> None:
    client, broker = scene.connect()
    client.send(HEARTBEAT, ack(1)[:5])
    client.close()

    assert broker.rest() == HEARTBEAT + ack(1)[:5]
    broker.close()
    scene.recorder.named("Tap.Disconnected")
    assert scene.recorder.events[-2].note == "the client ended within a frame"
    assert scene.recorder.events[-1].note == "closed by the client"


def test_half_a_frame_that_a_rule_waits_for_is_forwarded_at_the_end(scene: Scene) -> None:
    scene.tap.rewrite(lambda connection, sender, frame: None)
    client, broker = scene.connect()
    client.send(ack(1)[:5])
    client.close()

    assert broker.rest() == ack(1)[:5]


def test_after_one_side_has_closed_the_other_may_still_send(scene: Scene) -> None:
    client, broker = scene.connect()
    client.socket.shutdown(socket.SHUT_WR)
    assert broker.rest() == b""
    broker.send(HEARTBEAT)
    broker.close()

    assert client.rest() == HEARTBEAT
    scene.recorder.named("Tap.Disconnected")
    assert names(scene) == ["Tap.Connected", "Tap.Disconnected"]


@pytest.mark.parametrize("by", list(Side))
def test_a_reset_is_passed_on_as_a_reset(scene: Scene, by: Side) -> None:
    client, broker = scene.connect()
    client.send(HEARTBEAT)
    broker.expect(HEARTBEAT)
    peers = {Side.CLIENT: client, Side.BROKER: broker}
    peers[by].close(reset=True)

    assert_reset(peers[by.other])
    assert scene.recorder.named("Tap.Disconnected")[0].note == f"reset by the {by}"


def test_without_a_broker_the_client_is_reset(scene: Scene) -> None:
    scene.listener.close()
    # The reset may come before connect() has returned.
    with pytest.raises(ConnectionResetError):
        scene.dial().rest()

    assert scene.recorder.named("Tap.Refused")[0].note
    assert "Tap.Connected" not in names(scene)


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_is_seen_by_both_sides(scene: Scene, reset: bool) -> None:
    client, broker = scene.connect()
    scene.recorder.named("Tap.Connected")
    # Unread by the tap or not, what they send must not turn a FIN into a RST.
    client.send(publish(1, bytes(1000))[2])
    scene.tap.cut(reset=reset)

    assert scene.tap.connections == 0
    if reset:
        assert_reset(client)
        assert_reset(broker)
    else:
        assert client.rest() == b""
        broker.rest()
    assert scene.recorder.events[-1].name == "Tap.Cut"
    assert scene.recorder.events[-1].note == ("RST" if reset else "FIN")


def test_a_cut_leaves_the_tap_open_for_new_connections(scene: Scene) -> None:
    scene.connect()
    scene.recorder.named("Tap.Connected")
    scene.tap.cut()
    client, broker = scene.connect()
    client.send(HEARTBEAT)

    broker.expect(HEARTBEAT)


# Silence and delay


def test_a_black_hole_swallows_and_stays_open(scene: Scene) -> None:
    client, broker = scene.connect()
    client.send(HEARTBEAT)
    broker.expect(HEARTBEAT)
    scene.tap.black_hole()
    client.send(ack(1))
    broker.send(ack(2))
    client.close()
    assert scene.recorder.named("Tap.Disconnected")[0].note == "closed by the client"

    assert broker.hears_nothing()
    assert [name for name in names(scene) if name in {"Basic.Ack", "Tap.Noted"}] == ["Tap.Noted"]


def test_a_black_hole_takes_new_connections_until_it_is_restored(scene: Scene) -> None:
    scene.tap.black_hole()
    lost = scene.dial()
    lost.send(PROTOCOL)
    scene.recorder.named("Tap.Noted")
    scene.tap.restore()
    client, broker = scene.connect()
    client.send(HEARTBEAT)

    broker.expect(HEARTBEAT)
    assert lost.hears_nothing()


def test_a_delay_keeps_the_order_and_the_end(scene: Scene) -> None:
    client, broker = scene.connect()
    scene.tap.delay(0.2, Side.CLIENT)
    client.send(ack(1))
    scene.tap.delay(0, Side.CLIENT)
    client.send(ack(2))
    client.close()

    assert broker.rest() == ack(1) + ack(2)


def test_a_delay_delays(scene: Scene) -> None:
    scene.tap.delay(0.2)
    client, broker = scene.connect()
    scene.recorder.named("Tap.Connected")
    began = scene.loop_thread.loop.time()
    client.send(ack(1))
    broker.expect(ack(1))

    assert scene.loop_thread.loop.time() - began >= 0.2


def test_an_open_connection_meets_a_link_fault_only_if_it_is_asked_for(scene: Scene) -> None:
    client, broker = scene.connect()
    late = LinkFault(frozenset([Side.CLIENT]), delay=lambda: 0.2)
    for open_too in (False, True):
        scene.tap.link_fault(lambda _: late, open_too=open_too)
        began = scene.loop_thread.loop.time()
        client.send(ack(1))
        broker.expect(ack(1))
        assert (scene.loop_thread.loop.time() - began >= 0.2) is open_too


def test_a_link_fault_of_open_connections_ends(scene: Scene) -> None:
    client, broker = scene.connect()
    slow = LinkFault(frozenset(Side), bandwidth=100.0)
    scene.tap.link_fault(lambda _: slow, open_too=True)
    scene.tap.link_fault(lambda _: None, open_too=True)
    began = scene.loop_thread.loop.time()
    for _ in range(50):
        client.send(ack(1))
        broker.expect(ack(1))
    assert scene.loop_thread.loop.time() - began < 5


# Holding back


def test_what_is_held_is_released_in_order(scene: Scene) -> None:
    client, broker = scene.connect()
    hold = scene.tap.hold("Basic.Ack", Side.BROKER)
    broker.send(ack(1), HEARTBEAT, ack(2))
    client.expect(HEARTBEAT)
    scene.recorder.named("Heartbeat")
    broker.send(HEARTBEAT)
    client.expect(HEARTBEAT)

    assert hold.held == 2
    assert client.hears_nothing()
    assert "Basic.Ack" not in names(scene)

    hold.release()
    client.expect(ack(1), ack(2))
    broker.send(ack(3))
    client.expect(ack(3))
    assert hold.held == 0
    scene.recorder.named("Basic.Ack", 3)
    assert names(scene)[-3:] == ["Basic.Ack"] * 3


def test_a_held_method_keeps_its_content(scene: Scene) -> None:
    client, broker = scene.connect()
    hold = scene.tap.hold("Basic.Deliver", Side.BROKER)
    frames = deliver(1, 1, b"half", b"rest")
    broker.send(*frames[:3], *deliver(2, 1, b"other"), HEARTBEAT)
    client.expect(HEARTBEAT)
    assert hold.held == 2

    hold.release()
    client.expect(*frames[:3], *deliver(2, 1, b"other"))
    broker.send(frames[3])
    client.expect(frames[3])
    events = scene.recorder.named("Basic.Deliver", 2)
    assert [event.content.body for event in events if event.content] == [b"other", b"halfrest"]


def test_all_that_follows_what_is_held_waits_for_its_turn(scene: Scene) -> None:
    client, broker = scene.connect()
    begun, *rest, last = publish(2, b"begun", b"before")
    client.send(begun)
    broker.expect(begun)
    hold = scene.tap.hold("Basic.Publish", Side.CLIENT, and_after=True)
    task = publish(1, b"one", b"two")
    client.send(task[0], *rest, *task[1:], ack(1), HEARTBEAT, last)
    broker.expect(*rest, last)
    assert hold.held == 3
    assert broker.hears_nothing()

    other, behind = scene.connect()
    other.send(ack(2))
    behind.expect(ack(2))

    hold.release()
    broker.expect(*task, ack(1), HEARTBEAT)
    client.send(ack(3))
    broker.expect(ack(3))


def test_what_is_dropped_never_arrives(scene: Scene) -> None:
    client, broker = scene.connect()
    hold = scene.tap.hold("Basic.Deliver", Side.BROKER)
    frames = deliver(1, 1, b"half", b"rest")
    broker.send(*frames[:3], HEARTBEAT)
    client.expect(HEARTBEAT)
    hold.drop()
    broker.send(frames[3], *deliver(1, 2, b"next"))

    client.expect(*deliver(1, 2, b"next"))


# Rewriting


def test_every_connection_lands_in_the_virtual_host(scene: Scene) -> None:
    scene.tap.rewrite(into_virtual_host("test"))
    client, broker = scene.connect()
    asked = marshal(commands.Connection.Open("/"), 0)
    # What pika sends: the deprecated last bit is set.
    client.send(PROTOCOL, asked[:-2] + b"\x01" + asked[-1:], HEARTBEAT)

    broker.expect(PROTOCOL, marshal(commands.Connection.Open("test"), 0), HEARTBEAT)
    told = scene.recorder.named("Connection.Open")[0].method
    assert told is not None
    assert told["virtual_host"] == "test"


def test_the_broker_proposes_another_heartbeat(scene: Scene) -> None:
    scene.tap.rewrite(with_heartbeat(1))
    client, broker = scene.connect()
    broker.send(marshal(commands.Connection.Tune(2047, 131072, 60), 0))

    client.expect(marshal(commands.Connection.Tune(2047, 131072, 1), 0))


def test_a_rule_can_invent_a_confirm(scene: Scene) -> None:
    @only("ContentBody", sender=Side.CLIENT)
    def confirm(connection: Connection, sender: Side, frame: Frame) -> list[bytes]:
        connection.state["tag"] = connection.state.get("tag", 0) + 1
        connection.send(Side.CLIENT, ack(connection.state["tag"], frame.channel))
        return [frame.raw]

    scene.tap.rewrite(confirm)
    client, broker = scene.connect()
    client.send(*publish(1, b"first"), *publish(1, b"second"))

    client.expect(ack(1), ack(2))
    broker.expect(*publish(1, b"first"), *publish(1, b"second"))
    scene.recorder.named("Basic.Ack", 2)
    assert names(scene)[1:] == ["Basic.Publish", "Basic.Ack"] * 2


def test_what_is_sent_in_between_waits_for_the_message_under_way(scene: Scene) -> None:
    @only("Heartbeat", sender=Side.CLIENT)
    def answer(connection: Connection, sender: Side, frame: Frame) -> None:
        connection.send(Side.CLIENT, ack(9))

    scene.tap.rewrite(answer)
    client, broker = scene.connect()
    frames = deliver(1, 1, b"first", b"second")
    broker.send(*frames[:3], frames[3][:4])
    client.expect(*frames[:3], frames[3][:4])
    client.send(HEARTBEAT)
    broker.expect(HEARTBEAT)
    broker.send(frames[3][4:])

    client.expect(frames[3][4:], ack(9))


def test_a_rule_can_cut_before_a_frame_passes(scene: Scene) -> None:
    @only("Basic.Ack", sender=Side.BROKER)
    def cut(connection: Connection, sender: Side, frame: Frame) -> list[bytes]:
        connection.cut()
        return []

    scene.tap.rewrite(cut)
    client, broker = scene.connect()
    broker.send(ack(1), ack(2))

    assert client.rest() == b""
    scene.recorder.named("Tap.Cut")
    assert names(scene) == ["Tap.Connected", "Tap.Cut"]


# The listener


def test_refused_by_the_kernel_and_back_on_the_same_port(scene: Scene) -> None:
    client, broker = scene.connect()
    scene.tap.refuse()
    with pytest.raises(ConnectionRefusedError):
        scene.dial()
    client.send(HEARTBEAT)
    broker.expect(HEARTBEAT)

    scene.tap.accept()
    client, broker = scene.connect()
    client.send(HEARTBEAT)
    broker.expect(HEARTBEAT)


@pytest.mark.parametrize("refusing", [False, True])
def test_nobody_else_gets_the_port(scene: Scene, refusing: bool) -> None:
    if refusing:
        scene.tap.refuse()
    with pytest.raises(OSError, match="in use") as taken:
        scene.loop_thread.tap(scene.upstream, Recorder(), OwnPort(port=scene.tap.port))

    assert taken.value.errno == errno.EADDRINUSE


def test_a_port_that_was_given_back_can_be_taken_again(scene: Scene) -> None:
    client, broker = scene.connect()
    scene.recorder.named("Tap.Connected")
    scene.tap.close()
    assert client.rest() == b""
    assert broker.rest() == b""

    again = scene.loop_thread.tap(scene.upstream, scene.recorder, OwnPort(port=scene.tap.port))
    assert again.port == scene.tap.port


# The loop thread


def test_what_listens_may_fail_and_may_cut(scene: Scene) -> None:
    def on_event(event: object) -> None:
        scene.recorder(event)  # type: ignore[arg-type]
        if len(scene.recorder.events) == 2:
            tap.cut()
        raise ValueError("listening failed")

    tap = scene.loop_thread.tap(scene.upstream, on_event)
    client = Peer(socket.create_connection((tap.host, tap.port)))
    client.send(HEARTBEAT)

    assert client.rest() == b""
    scene.recorder.named("Tap.Cut")
    assert names(scene) == ["Tap.Connected", "Heartbeat", "Tap.Cut"]
    client.close()


def test_a_closed_loop_thread_says_so() -> None:
    loop_thread = LoopThread()
    tap = loop_thread.tap(Upstream("127.0.0.1", 1), Recorder())
    loop_thread.close()
    loop_thread.close()
    tap.close()

    with pytest.raises(RuntimeError, match="closed"):
        tap.cut()


def test_a_delay_into_the_past_is_refused(scene: Scene) -> None:
    with pytest.raises(ValueError, match="delay"):
        scene.tap.delay(-1)
    with pytest.raises(ValueError, match="segments"):
        scene.tap.split(0)


# A client without end


@pytest.mark.parametrize(
    ("frames", "size", "flood"),
    [
        (20, 1 << 30, HEARTBEAT),
        (1 << 30, 200, HEARTBEAT),
        (1 << 30, 200, publish(1, bytes(4096))[0] + publish(1, bytes(4096))[1]),
    ],
    ids=["frames", "bytes", "a body without end"],
)
def test_a_client_without_end_is_cut_off(scene: Scene, frames: int, size: int, flood: bytes) -> None:
    scene.tap.limit(Limit(frames=frames, bytes=size))
    client, broker = scene.connect()
    with contextlib.suppress(OSError):
        while not any(event.name == Say.FLOODED for event in scene.recorder.events):
            client.send(flood)

    told = scene.recorder.named(Say.FLOODED)

    assert len(told) == 1
    scene.tap.cut()  # waits until all is closed
    assert scene.tap.connections == 0
    with contextlib.suppress(ConnectionResetError):
        broker.rest()
    scene.tap.accept()
    with pytest.raises(ConnectionRefusedError):
        scene.dial()
    assert sum(event.sender is Side.CLIENT for event in scene.recorder.events) < 10_000


def test_a_client_within_the_limit_goes_on(scene: Scene) -> None:
    scene.tap.limit(Limit(frames=4, bytes=1000))
    client, broker = scene.connect()

    client.send(PROTOCOL, HEARTBEAT)
    broker.expect(PROTOCOL, HEARTBEAT)
    broker.send(*deliver(1, 1, b"a task"))
    client.expect(*deliver(1, 1, b"a task"))

    assert Say.FLOODED not in names(scene)
