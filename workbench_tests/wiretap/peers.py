"""A tap between a client and a broker, both of them plain sockets that the test uses."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Self

from workqueue_spec.timeouts import EVENTUALLY, QUIET
from workqueue_spec.wiretap import LoopThread, Tap, Upstream, WireEvent


class Recorder:
    """Takes the events of a tap, and waits for them."""

    def __init__(self) -> None:
        self._events: list[WireEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: WireEvent) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    @property
    def events(self) -> list[WireEvent]:
        with self._changed:
            return list(self._events)

    def until(self, question: Callable[[list[WireEvent]], bool]) -> list[WireEvent]:
        """The events once the question is answered with yes."""
        with self._changed:
            assert self._changed.wait_for(lambda: question(self._events), EVENTUALLY), self._events
            return list(self._events)

    def named(self, name: str, count: int = 1) -> list[WireEvent]:
        """The events of that name, once there are `count` of them."""
        events = self.until(lambda events: sum(event.name == name for event in events) >= count)
        return [event for event in events if event.name == name]


class Peer:
    """One side of a connection, with a deadline on all it does."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        sock.settimeout(EVENTUALLY)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, *raws: bytes) -> None:
        for raw in raws:
            self.socket.sendall(raw)

    def send_until_stuck(self, most: int) -> int:
        """How many bytes, of at most `most`, the other side and all in between take while nobody reads them."""
        self.socket.settimeout(QUIET)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < most:
                sent += self.socket.send(bytes(min(most - sent, 1 << 20)))
        self.socket.settimeout(EVENTUALLY)
        return sent

    def receive(self, count: int) -> bytes:
        """Exactly that many bytes."""
        received = b""
        while len(received) < count:
            piece = self.socket.recv(count - len(received))
            assert piece, f"it ended after {received!r}"
            received += piece
        return received

    def expect(self, *raws: bytes) -> None:
        expected = b"".join(raws)
        assert self.receive(len(expected)) == expected

    def rest(self) -> bytes:
        """All that comes until the other side closes."""
        received = b""
        while piece := self.socket.recv(1 << 20):
            received += piece
        return received

    def hears_nothing(self) -> bool:
        """Whether there is nothing to read now, not even a FIN."""
        self.socket.setblocking(False)
        try:
            self.socket.recv(1)
        except BlockingIOError:
            return True
        finally:
            self.socket.settimeout(EVENTUALLY)
        return False

    def close(self, *, reset: bool = False) -> None:
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.socket.close()


class Scene:
    """A tap with a recorder, in front of a listening socket that plays the broker."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self.listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.listener.settimeout(EVENTUALLY)
        self.loop_thread = stack.enter_context(LoopThread())
        self.recorder = Recorder()
        self.tap: Tap = self.loop_thread.tap(self.upstream, self.recorder)

    @property
    def upstream(self) -> Upstream:
        return Upstream("127.0.0.1", self.listener.getsockname()[1])

    def dial(self) -> Peer:
        """A client that is connected to the tap."""
        client = socket.create_connection((self.tap.host, self.tap.port), timeout=EVENTUALLY)
        return Peer(self._stack.enter_context(client))

    def connect(self) -> tuple[Peer, Peer]:
        """A client and a broker with the tap between them."""
        client = self.dial()
        broker, _ = self.listener.accept()
        return client, Peer(self._stack.enter_context(broker))

    @classmethod
    @contextlib.contextmanager
    def set_up(cls) -> Iterator[Self]:
        with contextlib.ExitStack() as stack:
            yield cls(stack)
