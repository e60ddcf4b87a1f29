"""Carries one connection through the tap: its sockets and timers, with the core that decides."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from .core import Core
from .endpoint import Endpoint
from .events import Side, WireEvent, quoted
from .holds import Hold
from .link_fault import LinkFault
from .outputs import Close, Connect, Discard, Outputs, Sever, Write, WriteEof
from .recorded_endpoint import RecordedEndpoint, Recorder
from .rules import Rule
from .shaper import Shaper


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a new connection finds at the tap."""

    rules: Sequence[Rule]
    holds: Sequence[Hold]
    delays: dict[Side, float]
    size: int | None
    swallowing: bool
    fault: LinkFault | None = None
    in_cluster: bool = False
    recorder: Recorder | None = None


class Surroundings(Protocol):
    """What a relay needs of its tap."""

    loop: asyncio.AbstractEventLoop

    async def connect(self, endpoint: Endpoint) -> None:
        """Connects the endpoint to the broker. Raises OSError if that fails."""

    def admit(self, relay: "Relay") -> None:
        """The relay has its client."""

    def dismiss(self, relay: "Relay") -> None:
        """The relay has no socket any more."""

    def passed(self, sender: Side, size: int) -> None:
        """Bytes have come from a side, to be forwarded."""

    def emit(self, events: Sequence[WireEvent]) -> None:
        """Tells the events."""


class Relay:
    """One connection's endpoints and shapers, and the one place that carries out what its core puts out.

    It runs in the loop thread. By itself it does only what needs no AMQP: it throttles, delays and splits.
    """

    def __init__(self, tap: Surroundings, number: int, conditions: Conditions) -> None:
        self._tap = tap
        self._core = Core(
            number,
            conditions.rules,
            conditions.holds,
            swallowing=conditions.swallowing,
            fault=conditions.fault,
            in_cluster=conditions.in_cluster,
            on_request=self._carry_out_requests,
        )
        self._endpoints = {side: Endpoint(self, side, tap.loop) for side in Side}
        if conditions.recorder is not None:
            self._endpoints[Side.CLIENT] = RecordedEndpoint(self, tap.loop, conditions.recorder, number)
        self._shapers = {
            side: Shaper(
                tap.loop, partial(self._forward, side), partial(self._endpoints[side].throttle, "waiting")
            )
            for side in Side
        }
        for side, shaper in self._shapers.items():
            shaper.delay = conditions.delays[side]
            shaper.size = conditions.size
        self.meet(conditions.fault)
        self._size = conditions.size
        self._connecting: asyncio.Task[None] | None = None

    # For the tap

    @property
    def client(self) -> Endpoint:
        """The endpoint that the client connects to."""
        return self._endpoints[Side.CLIENT]

    def cut(self, *, reset: bool = False) -> list[asyncio.Future[None]]:
        """Ends the connection on both sides, with a FIN or a RST. What it returns is done when both sockets are
        closed.
        """
        self._core.cut(reset=reset)
        return [endpoint.gone for endpoint in self._endpoints.values() if endpoint.has_socket]

    def swallow(self) -> None:
        """From now on both sides stay open, and nothing passes."""
        self._core.swallow()

    def delay(self, seconds: float, sender: Side) -> None:
        """Delays what this side sends from now on."""
        self._shapers[sender].delay = seconds

    @property
    def number(self) -> int:
        """Its connection's number, from 1 within its tap."""
        return self._core.number

    def meet(self, fault: LinkFault | None) -> None:
        """Delays and slows what the sides of the fault send from now on, and nothing that the other sides send."""
        for side, shaper in self._shapers.items():
            met = fault if fault is not None and side in fault.senders else None
            shaper.more_delay = None if met is None else met.delay
            shaper.bandwidth = None if met is None else met.bandwidth

    def split(self, size: int | None) -> None:
        """Forwards at most that many bytes at once from now on; None: as they come."""
        self._size = size
        for shaper in self._shapers.values():
            shaper.size = size

    def add_rule(self, rule: Rule) -> None:
        """Shows the rule every frame that begins to arrive from now on."""
        self._core.add_rule(rule)

    def add_hold(self, hold: Hold) -> None:
        """Lets the hold keep frames from now on."""
        self._core.add_hold(hold)

    def end_hold(self, hold: Hold, *, dropped: bool) -> None:
        """The hold is over: what it has kept of this connection is dropped or forwarded."""
        self._carry_out(self._core.end_hold(hold, dropped=dropped))

    # For its endpoints

    def opened(self, side: Side) -> None:
        """An endpoint has its socket."""
        if side is Side.CLIENT and not self._core.over:
            self._tap.admit(self)
        self._carry_out(self._core.opened(side, self._endpoints[side].address))
        if side is Side.BROKER:
            self.client.throttle("unconnected", False)

    def arrived(self, sender: Side, data: bytes) -> None:
        """Bytes have come from one side."""
        if self._core.passes:
            self._tap.passed(sender, len(data))
            self._shapers[sender].segment(time.monotonic(), data)

    def full(self, side: Side, full: bool) -> None:
        """A side takes nothing more for now, or does again: its sender is read from accordingly."""
        self._endpoints[side.other].throttle("full", full and not self._core.swallowing)

    def ended(self, side: Side) -> None:
        """A side sends nothing more."""
        self._in_order(side, partial(self._core.ended, side, time.monotonic()))

    def lost(self, side: Side, error: Exception | None) -> None:
        """A socket is closed: by the tap itself if there is no error."""
        how = "closed" if error is None else "reset"
        self._in_order(side, partial(self._core.lost, side, time.monotonic(), how))
        if not any(endpoint.has_socket for endpoint in self._endpoints.values()):
            self._core.closed()
            self._tap.dismiss(self)

    def _in_order(self, side: Side, happening: Callable[[], Outputs]) -> None:
        """Gives the core what happened on a side, after the bytes of that side which are delayed."""
        if self._core.passes:
            self._shapers[side].then(lambda: self._carry_out(happening()))
        else:
            self._carry_out(happening())

    def _forward(self, sender: Side, at: float, data: bytes) -> None:
        self._carry_out(self._core.received(sender, at, data))
        if self._core.unread is not None:
            self._carry_out(self._core.read())

    # What the core puts out

    def _carry_out_requests(self) -> None:
        self._carry_out(self._core.outputs())

    def _carry_out(self, outputs: Outputs) -> None:
        for command in outputs.commands:
            match command:
                case Write(to, data):
                    size = self._size or len(data)
                    for start in range(0, len(data), size):
                        self._endpoints[to].write(data[start : start + size])
                case WriteEof(to):
                    self._endpoints[to].write_eof()
                case Close(side, reset):
                    self._endpoints[side].close(reset=reset)
                case Sever(reset):
                    self._sever(reset)
                case Discard():
                    for side in Side:
                        self._shapers[side].clear()
                        self._endpoints[side].throttle("full", False)
                case Connect():
                    # Not here and now: up to Python 3.11.2 asyncio starts to read after this, whatever was said.
                    self._tap.loop.call_soon(self._await_broker)
                    self._connecting = self._tap.loop.create_task(self._connect())
        if outputs.events:
            self._tap.emit(outputs.events)

    def _sever(self, reset: bool) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        for side in Side:
            self._shapers[side].clear()
            self._endpoints[side].sever(reset=reset)

    def _await_broker(self) -> None:
        """Reads nothing from the client until there is somewhere to send it."""
        self.client.throttle("unconnected", not self._endpoints[Side.BROKER].has_socket)

    async def _connect(self) -> None:
        try:
            await self._tap.connect(self._endpoints[Side.BROKER])
        except OSError as error:
            self._carry_out(self._core.refused(quoted(error)))
