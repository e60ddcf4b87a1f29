"""A tap in front of a cluster: each connection goes to a node that answers. The nodes are plain sockets."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from workqueue_spec.timeouts import EVENTUALLY
from workqueue_spec.wiretap import LoopThread, Say, Tap, Upstream, WireEvent, upstream

from .amqp_bytes import HEARTBEAT
from .peers import Peer, Recorder

START = b"\x01"
"""The first byte of connection.start."""


class Node:
    """A node that answers each connection by `answer`, and keeps it open. Without an answer it is silent."""

    def __init__(self, stack: contextlib.ExitStack, answer: bytes = START) -> None:
        self._stack, self._answer = stack, answer
        self._listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.port: int = self._listener.getsockname()[1]
        self.connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections.append(connection)
                if self._answer:
                    connection.sendall(self._answer)

    def ends(self) -> None:
        """As when its process is killed."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(EVENTUALLY)
        for each in self.connections:
            each.close()


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as made:
        yield made


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "_ANSWERS_WITHIN", 0.5)


def tap_before(stack: contextlib.ExitStack, *ports: int) -> tuple[Tap, Recorder]:
    first, *others = (("127.0.0.1", port) for port in ports)
    recorder = Recorder()
    tap = stack.enter_context(LoopThread()).tap(Upstream(*first, others=others), recorder)
    return tap, recorder


def dial(stack: contextlib.ExitStack, tap: Tap) -> Peer:
    return Peer(stack.enter_context(socket.create_connection((tap.host, tap.port), timeout=EVENTUALLY)))


def nodes_of(recorder: Recorder, count: int) -> list[int]:
    """The ports of the nodes that connections went to, once there are `count` of them."""
    told = "on the node at 127.0.0.1:"

    def noted(events: list[WireEvent]) -> list[int]:
        return [int(each.note.removeprefix(told)) for each in events if each.note.startswith(told)]

    return noted(recorder.until(lambda events: len(noted(events)) >= count))


def test_each_connection_goes_to_a_node_that_answers(stack: contextlib.ExitStack) -> None:
    dead, silent, foreign = Node(stack), Node(stack, b""), Node(stack, b"HTTP")
    dead.ends()
    one, another = Node(stack), Node(stack)
    tap, recorder = tap_before(stack, dead.port, silent.port, foreign.port, one.port, another.port)

    first = dial(stack, tap)
    assert nodes_of(recorder, 1) == [one.port]
    first.expect(START)
    dial(stack, tap).expect(START)
    assert nodes_of(recorder, 2) == [one.port] * 2

    one.ends()
    assert first.rest() == b""
    dial(stack, tap).expect(START)
    assert nodes_of(recorder, 3) == [one.port, one.port, another.port]


def test_a_client_is_refused_if_no_node_answers(stack: contextlib.ExitStack) -> None:
    silent, dead = Node(stack, b""), Node(stack)
    dead.ends()
    tap, recorder = tap_before(stack, silent.port, dead.port)

    client = dial(stack, tap)
    with pytest.raises(ConnectionResetError):
        client.rest()
    (refused,) = recorder.named(Say.REFUSED)
    assert refused.note == "none of 2 nodes answers"


def test_a_rule_sees_which_node_it_is(stack: contextlib.ExitStack) -> None:
    node, other = Node(stack), Node(stack)
    tap, recorder = tap_before(stack, node.port, other.port)
    seen: list[str] = []
    tap.rewrite(lambda connection, sender, frame: seen.append(connection.broker_address))

    dial(stack, tap).send(HEARTBEAT)
    recorder.named("Heartbeat")
    assert seen == [f"127.0.0.1:{node.port}"]


def test_of_a_broker_that_is_no_cluster_no_node_is_told(stack: contextlib.ExitStack) -> None:
    node = Node(stack)
    tap, recorder = tap_before(stack, node.port)

    dial(stack, tap).send(HEARTBEAT)
    recorder.named("Heartbeat")
    assert [event.name for event in recorder.events] == [Say.CONNECTED, "Heartbeat"]
