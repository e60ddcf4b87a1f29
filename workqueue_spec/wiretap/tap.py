"""A tap: an address to listen on, a broker behind it, and the faults to be made in between."""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .connection import Conditions, Connection
from .endpoint import Endpoint
from .events import Side, WireEvent
from .holds import Hold
from .listener import Listener
from .rules import Rule

if TYPE_CHECKING:
    from .loop_thread import LoopThread

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upstream:
    """Where the broker is. With `tls` the tap speaks TLS to it, and plain AMQP to its clients all the
    same.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    server_hostname: str | None = None
    """The name that its certificate must carry; None: `host`."""


class Tap:
    """One address in front of one broker. Made by `Wire.tap`.

    Its methods may be called from any thread, and each returns when it has taken effect. In the wire's own
    thread (a rule, an event's receiver) what a method has to wait for, a socket's last close, follows it.
    Raises RuntimeError where the wire is closed.
    """

    host: str
    port: int

    def __init__(
        self,
        loop_thread: "LoopThread",
        upstream: Upstream,
        on_event: Callable[[WireEvent], None],
        address: Listener,
    ) -> None:
        self.loop = loop_thread.loop
        self._wire = loop_thread
        self._upstream = upstream
        self._on_event = on_event
        self._address = address
        self.host = address.host
        self.port = address.port
        self._serving: asyncio.Task[None] | None = None
        self._lines: list[Connection] = []
        self._count = 0
        self._closed = False
        self._rules: list[Rule] = []
        self._holds: list[Hold] = []
        self._delays = dict.fromkeys(Side, 0.0)
        self._size: int | None = None
        self._swallowing = False
        self._events: deque[WireEvent] = deque()
        self._emitting = False

    @property
    def connections(self) -> int:
        """How many are open now, on either side."""
        return len(self._lines)

    # Faults

    def cut(self, *, reset: bool = False) -> None:
        """Ends every open connection on both sides, with a FIN or with a RST. What was under way is lost."""
        self._wire.settle(lambda: self._cut(reset))

    def black_hole(self) -> None:
        """Every connection, and each one made until `restore`, goes silent both ways and stays open. What
        either side sends is swallowed, its end too: the other does not learn of it.
        """

        def swallow() -> None:
            self._swallowing = True
            for line in self._lines:
                line.swallow()

        self._wire.call(swallow)

    def restore(self) -> None:
        """Connections made from now on find no black hole and no delay. Those open stay as they are."""

        def restore() -> None:
            self._swallowing = False
            self._delays = dict.fromkeys(Side, 0.0)

        self._wire.call(restore)

    def delay(self, seconds: float, sender: Side | None = None) -> None:
        """Everything that a side (None: each) sends from now on arrives later by that much, its end too, on
        open and on new connections. Raises ValueError where it is negative.
        """
        if seconds < 0:
            raise ValueError(f"a delay of {seconds} s")
        senders = tuple(Side) if sender is None else (sender,)

        def delay() -> None:
            for side in senders:
                self._delays[side] = seconds
                for line in self._lines:
                    line.delay(seconds, side)

        self._wire.call(delay)

    def split(self, size: int | None) -> None:
        """Forwards in segments of at most that many bytes, each written by itself; None: as they come. The
        kernels between tap and receiver may join them again. Raises ValueError where it is less than 1.
        """
        if size is not None and size < 1:
            raise ValueError(f"segments of {size} bytes")

        def split() -> None:
            self._size = size
            for line in self._lines:
                line.split(size)

        self._wire.call(split)

    def hold(self, name: str, sender: Side, *, and_after: bool = False) -> Hold:
        """Holds back every frame of this name from this side, from now on, and with `and_after` whatever comes
        after one on its connection; all others pass.
        """
        hold = Hold(name, sender, self._finish_hold, and_after=and_after)

        def begin() -> None:
            self._holds.append(hold)
            for line in self._lines:
                line.add_hold(hold)

        self._wire.call(begin)
        return hold

    def rewrite(self, rule: Rule) -> None:
        """Shows the rule every frame from now on, after the rules given before."""

        def add() -> None:
            self._rules.append(rule)
            for line in self._lines:
                line.add_rule(rule)

        self._wire.call(add)

    def refuse(self) -> None:
        """From now on the kernel refuses whoever connects. Open connections go on, and the port stays the
        tap's.
        """
        self._wire.call(self._stop_listening)

    def accept(self) -> None:
        """Listens again, on the same port."""
        self._wire.settle(self._listen)

    def close(self) -> None:
        """Ends every connection and gives the port back. May be called again, and after the wire was
        closed.
        """
        if not self._wire.is_closed:
            self._wire.settle(self._close)

    # In the wire's thread

    def _cut(self, reset: bool) -> Sequence[Awaitable[None]]:
        return [gone for line in list(self._lines) for gone in line.cut(reset=reset)]

    def _listen(self) -> Sequence[Awaitable[None]]:
        if self._closed:
            raise RuntimeError("the tap is closed")
        if self._serving is None:
            self._serving = self.loop.create_task(self._address.listen(self.loop, self._new_client))
        return [self._serving]

    def _stop_listening(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            self._serving = None
            self._address.refuse()

    def _close(self) -> Sequence[Awaitable[None]]:
        if self._closed:
            return []
        self._closed = True
        self._stop_listening()
        self._address.give_back()
        return self._cut(False)

    def _finish_hold(self, hold: Hold, forward: bool) -> None:
        def finish() -> None:
            units = hold.take()
            if forward:
                for direction, unit in units:
                    direction.insert(unit)
            if hold in self._holds:
                self._holds.remove(hold)
                for line in list(self._lines):
                    line.end_hold(hold, dropped=not forward)

        self._wire.call(finish)

    def _new_client(self) -> Endpoint:
        self._count += 1
        conditions = Conditions(
            tuple(self._rules), tuple(self._holds), dict(self._delays), self._size, self._swallowing
        )
        return Connection(self, self._count, conditions).client

    # For its lines

    async def connect(self, end: Endpoint) -> None:
        """Connects an end to the broker. Raises OSError where that fails."""
        to = self._upstream
        name = (to.server_hostname or to.host) if to.tls is not None else None
        await self.loop.create_connection(lambda: end, to.host, to.port, ssl=to.tls, server_hostname=name)

    def admit(self, connection: Connection) -> None:
        """The line has its client."""
        self._lines.append(connection)

    def dismiss(self, connection: Connection) -> None:
        """The line has no socket any more."""
        if connection in self._lines:
            self._lines.remove(connection)

    def emit(self, events: Sequence[WireEvent]) -> None:
        """Tells of events, in order: those that come while others are being told wait for their turn."""
        self._events.extend(events)
        if self._emitting:
            return
        self._emitting = True
        try:
            while self._events:
                self._tell(self._events.popleft())
        finally:
            self._emitting = False

    def _tell(self, event: WireEvent) -> None:
        try:
            self._on_event(event)
        except Exception:
            _log.exception("what listens to the wire failed on %s", event.name)
