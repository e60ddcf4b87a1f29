"""A tap: a port to listen on, a broker behind it, and the faults between program and broker."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from .endpoint import Endpoint
from .events import Say, Side, WireEvent
from .holds import Hold
from .link_fault import LinkFault
from .listener import Listener
from .recorded_endpoint import Recorder
from .relay import Conditions, Relay
from .rules import Rule
from .upstream import Upstream, first_that_answers

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limit:
    """What may pass through a tap in all: frames and connections of its clients, and bytes of both sides."""

    frames: int
    bytes: int


class TapThread(Protocol):
    """What a tap needs of the loop thread."""

    loop: asyncio.AbstractEventLoop

    @property
    def is_closed(self) -> bool:
        """Whether the loop thread has ended."""

    def call(self, action: Callable[[], None]) -> None:
        """Does something in the loop thread, and returns when it is done."""

    def settle(self, action: Callable[[], Iterable[Awaitable[None]]]) -> None:
        """The same, and waits for what the action returns; not in the loop thread itself, which cannot wait."""


class Tap:
    """One port in front of one broker. `LoopThread.tap` makes one that listens; one that was made otherwise listens
    after `accept`, so that its faults can be set before the first connection, and its maker closes it.

    Its methods may be called from any thread, and each returns when it has taken effect. In the loop thread
    itself (a rule, a receiver of events) a method returns before the sockets are closed, if it closes some.
    Raises RuntimeError if the loop thread is closed.
    """

    host: str
    port: int

    def __init__(
        self,
        loop_thread: TapThread,
        upstream: Upstream,
        on_event: Callable[[WireEvent], None],
        listener: Listener,
        recorder: Recorder | None = None,
    ) -> None:
        """The recorder is told what passes between the tap and its clients; None: nobody is."""
        self.loop = loop_thread.loop
        self._loop_thread = loop_thread
        self._nodes = upstream.nodes()
        self._on_event = on_event
        self._listener = listener
        self._recorder = recorder
        self.host = listener.host
        self.port = listener.port
        self._serving: asyncio.Task[None] | None = None
        self._relays: list[Relay] = []
        self._count = 0
        self._closed = False
        self._rules: list[Rule] = []
        self._holds: list[Hold] = []
        self._delays = dict.fromkeys(Side, 0.0)
        self._size: int | None = None
        self._swallowing = False
        self._events: deque[WireEvent] = deque()
        self._limit: Limit | None = None
        self._flooded = False
        self._frames = 0
        self._bytes = dict.fromkeys(Side, 0)
        self._choose_fault: Callable[[int], LinkFault | None] = lambda _: None
        self._emitting = False

    @property
    def connections(self) -> int:
        """How many connections are open now, on either side."""
        return len(self._relays)

    @property
    def connections_in_all(self) -> int:
        """How many connections clients have made to the tap."""
        return self._count

    @property
    def traffic(self) -> Mapping[Side, int]:
        """How many bytes have come from each side, over all connections, to be forwarded."""
        return dict(self._bytes)

    # Faults

    def cut(self, *, reset: bool = False) -> None:
        """Ends every open connection on both sides, with a FIN or with a RST. What was under way is lost."""
        self._loop_thread.settle(lambda: self._cut(reset))

    def black_hole(self) -> None:
        """Every connection, and each one made until `restore`, goes silent both ways and stays open. What either
        side sends is swallowed. So is its end: the other side does not learn of it.
        """

        def swallow() -> None:
            self._swallowing = True
            for relay in self._relays:
                relay.swallow()

        self._loop_thread.call(swallow)

    def restore(self) -> None:
        """Connections made from now on find no black hole and no delay. Open connections stay as they are."""

        def restore() -> None:
            self._swallowing = False
            self._delays = dict.fromkeys(Side, 0.0)

        self._loop_thread.call(restore)

    def delay(self, seconds: float, sender: Side | None = None) -> None:
        """Everything that a side (None: each side) sends from now on arrives later by that many seconds, on open
        and on new connections. So does its end. Raises ValueError if the delay is negative.
        """
        if seconds < 0:
            raise ValueError(f"a delay of {seconds} s")
        senders = tuple(Side) if sender is None else (sender,)

        def delay() -> None:
            for side in senders:
                self._delays[side] = seconds
                for relay in self._relays:
                    relay.delay(seconds, side)

        self._loop_thread.call(delay)

    def split(self, size: int | None) -> None:
        """Forwards in segments of at most that many bytes, each written by itself; None: as they come. The
        kernels between tap and receiver may join them again. Raises ValueError if the size is less than 1.
        """
        if size is not None and size < 1:
            raise ValueError(f"segments of {size} bytes")

        def split() -> None:
            self._size = size
            for relay in self._relays:
                relay.split(size)

        self._loop_thread.call(split)

    def link_fault(self, choose: Callable[[int], LinkFault | None], *, open_too: bool = False) -> None:
        """Each connection made from now on meets the fault that `choose` returns for its number; None: no fault.
        It meets this fault in addition to all others. With `open_too` the connections that are open now meet it
        from now on, too: its delay and its bandwidth, and not its cut and its note.
        """

        def set_fault() -> None:
            self._choose_fault = choose
            for relay in self._relays if open_too else ():
                relay.meet(choose(relay.number))

        self._loop_thread.call(set_fault)

    def hold(
        self,
        name: str,
        sender: Side,
        *,
        and_after: bool = False,
        chance: Callable[[], bool] | None = None,
    ) -> Hold:
        """Holds back every frame of this name from this side, from now on; with `chance`, those frames for which it
        returns true. With `and_after` it also holds whatever comes after such a frame on its connection. All
        other frames pass.
        """
        hold = Hold(name, sender, self._finish_hold, and_after=and_after, chance=chance)

        def begin() -> None:
            self._holds.append(hold)
            for relay in self._relays:
                relay.add_hold(hold)

        self._loop_thread.call(begin)
        return hold

    def rewrite(self, rule: Rule) -> None:
        """Shows the rule every frame from now on, after the rules given before it."""

        def add() -> None:
            self._rules.append(rule)
            for relay in self._relays:
                relay.add_rule(rule)

        self._loop_thread.call(add)

    def limit(self, limit: Limit) -> None:
        """Ends every connection, and refuses new ones for good, as soon as more passes than this. So neither this
        process nor the broker can be filled by a client without end.
        """

        def set_limit() -> None:
            self._limit = limit

        self._loop_thread.call(set_limit)

    def refuse(self) -> None:
        """From now on the kernel refuses new connections. Open connections go on, and the tap keeps the port."""
        self._loop_thread.call(self._stop_listening)

    def accept(self) -> None:
        """Listens again, on the same port."""
        self._loop_thread.settle(self._listen)

    def close(self) -> None:
        """Ends every connection and gives the port back. May be called again, and after the loop thread was
        closed.
        """
        if not self._loop_thread.is_closed:
            self._loop_thread.settle(self._close)

    # In the loop thread

    def _cut(self, reset: bool) -> Sequence[Awaitable[None]]:
        return [gone for relay in list(self._relays) for gone in relay.cut(reset=reset)]

    def _listen(self) -> Sequence[Awaitable[None]]:
        if self._closed:
            raise RuntimeError("the tap is closed")
        if self._flooded:
            return []
        if self._serving is None:
            self._serving = self.loop.create_task(self._listener.listen(self.loop, self._new_client))
        return [self._serving]

    def _stop_listening(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            self._serving = None
            self._listener.refuse()

    def _close(self) -> Sequence[Awaitable[None]]:
        if self._closed:
            return []
        self._closed = True
        self._stop_listening()
        self._listener.give_back()
        return self._cut(False)

    def _finish_hold(self, hold: Hold, forward: bool) -> None:
        def finish() -> None:
            if hold in self._holds:
                self._holds.remove(hold)
                for relay in list(self._relays):
                    relay.end_hold(hold, dropped=not forward)

        self._loop_thread.call(finish)

    def _new_client(self) -> Endpoint:
        self._count += 1
        self._frames += 1
        conditions = Conditions(
            tuple(self._rules),
            tuple(self._holds),
            dict(self._delays),
            self._size,
            swallowing=self._swallowing,
            fault=self._choose_fault(self._count),
            in_cluster=len(self._nodes) > 1,
            recorder=self._recorder,
        )
        return Relay(self, self._count, conditions).client

    # For its relays

    async def connect(self, endpoint: Endpoint) -> None:
        """Connects the endpoint to the broker: in a cluster to the node of the last connection if it answers, or
        else to the next one that does. Raises OSError if that fails.
        """
        to = self._nodes[0] if len(self._nodes) == 1 else await first_that_answers(self._nodes)
        # The next connection begins with this node.
        at = self._nodes.index(to)
        self._nodes = self._nodes[at:] + self._nodes[:at]
        await self.loop.create_connection(
            lambda: endpoint, to.host, to.port, ssl=to.tls, server_hostname=to.tls_name
        )

    def admit(self, relay: Relay) -> None:
        """The relay has its client."""
        self._relays.append(relay)

    def dismiss(self, relay: Relay) -> None:
        """The relay has no socket any more."""
        if relay in self._relays:
            self._relays.remove(relay)

    def passed(self, sender: Side, size: int) -> None:
        """Bytes have come from a side, to be forwarded."""
        self._bytes[sender] += size
        self._check_limit()

    def _check_limit(self) -> None:
        limit = self._limit
        if limit is None or self._flooded:
            return
        if self._frames > limit.frames or sum(self._bytes.values()) > limit.bytes:
            self._flooded = True
            # Not here and now: a connection is in the midst of its work.
            self.loop.call_soon(self._end_flood)

    def _end_flood(self) -> None:
        if self._closed:
            return
        # Told first: what its receiver makes of the cut connections is out of place.
        note = f"{self._frames} frames, {sum(self._bytes.values())} bytes"
        self.emit([WireEvent(time.monotonic(), 0, 0, None, Say.FLOODED, note=note)])
        self._stop_listening()
        self._cut(False)

    def emit(self, events: Sequence[WireEvent]) -> None:
        """Tells events in order: those that come while others are being told wait for their turn."""
        self._frames += sum(event.sender is Side.CLIENT for event in events)
        self._check_limit()
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
            _log.exception("the receiver of events failed on %s", event.name)
