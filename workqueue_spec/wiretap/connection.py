"""One connection through the tap: two ends, two directions, and how it ends."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from .direction import Direction
from .endpoint import Endpoint
from .events import Say, Side, WireEvent, quoted
from .frames import frames_in
from .holds import Hold
from .rules import Rule, concerns
from .shaper import Shaper


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a connection finds when it is made."""

    rules: Sequence[Rule]
    holds: Sequence[Hold]
    delays: dict[Side, float]
    size: int | None
    swallowing: bool


class Surroundings(Protocol):
    """What a line needs of its tap."""

    loop: asyncio.AbstractEventLoop

    async def connect(self, end: Endpoint) -> None:
        """Connects it to the broker. Raises OSError where that fails."""

    def admit(self, connection: "Connection") -> None:
        """The line has its client."""

    def dismiss(self, connection: "Connection") -> None:
        """The line has no socket any more."""

    def emit(self, events: Sequence[WireEvent]) -> None: ...


class Connection:
    """One connection of a client, and the one made to the broker for it. It lives in the wire's thread.

    When one side closes, what it sent goes to the other, then a FIN; the way back stays open until the other
    side closes too. A reset is passed on as a reset.
    """

    number: int
    """From 1 within its tap."""
    state: dict[str, Any]
    """For rules, to remember what they need for this connection."""

    def __init__(self, tap: Surroundings, number: int, conditions: Conditions) -> None:
        self.number = number
        self.state = {}
        self.over = False
        """Nothing passes any more: it was cut, or refused."""
        self._tap = tap
        self._swallowing = conditions.swallowing
        self._ends = {side: Endpoint(self, side, tap.loop) for side in Side}
        self._directions = {
            side: Direction(
                self,
                side,
                [rule for rule in conditions.rules if concerns(rule, side)],
                [hold for hold in conditions.holds if hold.sender is side],
            )
            for side in Side
        }
        self._paces = {
            side: Shaper(
                tap.loop, self._directions[side].forward, partial(self._ends[side].throttle, "waiting")
            )
            for side in Side
        }
        for side, pace in self._paces.items():
            pace.delay = conditions.delays[side]
            pace.size = conditions.size
        self._size = conditions.size
        self._connecting: asyncio.Task[None] | None = None
        self._ended: set[Side] = set()
        self._inspecting = False
        self._busy: Direction | None = None
        self._told: list[WireEvent] = []
        self._answers: list[tuple[Side, bytes]] = []

    # For rules

    def send(self, to: Side, raw: bytes) -> None:
        """Sends frames to one side, as if the other had. Where a frame or a message to it is under way they
        wait for its end; called from a rule, they come after the frame it is looking at.
        """
        self._answers.append((to, raw))
        if not self._inspecting:
            self.inspect(self.answer)

    def cut(self, *, reset: bool = False) -> list[asyncio.Future[None]]:
        """Ends it on both sides with a FIN or a RST. What it returns is done when both sockets are closed."""
        if not self.over:
            self.over = True
            self._say(Say.CUT, "RST" if reset else "FIN")
            self._abandon(reset=reset)
        return [end.gone for end in self._ends.values() if end.has_socket]

    def swallow(self) -> None:
        """From now on both sides stay open, and nothing passes."""
        if self._swallowing or self.over:
            return
        self._swallowing = True
        for side in Side:
            self._paces[side].clear()
            self._ends[side].throttle("full", False)
        self._say(Say.NOTED, "a black hole from here on")

    # For the tap

    @property
    def client(self) -> Endpoint:
        """The end that the client connects to."""
        return self._ends[Side.CLIENT]

    def delay(self, seconds: float, sender: Side) -> None:
        self._paces[sender].delay = seconds

    def split(self, size: int | None) -> None:
        self._size = size
        for pace in self._paces.values():
            pace.size = size

    def add_rule(self, rule: Rule) -> None:
        for side, direction in self._directions.items():
            if concerns(rule, side):
                direction.rules.append(rule)

    def add_hold(self, hold: Hold) -> None:
        self._directions[hold.sender].holds.append(hold)

    def end_hold(self, hold: Hold, *, dropped: bool) -> None:
        """The hold is over; what it held of this line was inserted before."""
        direction = self._directions[hold.sender]
        direction.unhold(hold, dropped=dropped)
        if self.passes:
            self.inspect(direction.advance)

    @property
    def passes(self) -> bool:
        """Whether anything gets through."""
        return not self.over and not self._swallowing

    # For its directions

    def write(self, to: Side, data: bytes) -> None:
        """Sends bytes to one side now."""
        end = self._ends[to]
        if to.other in self._ended or not data:
            return
        size = self._size or len(data)
        for start in range(0, len(data), size):
            end.write(data[start : start + size] if size < len(data) else data)

    def tell(self, events: Sequence[WireEvent]) -> None:
        """Tells what has passed, unless its receiver had ended."""
        if self._ended or self.over:
            return
        if self._inspecting:
            self._told += events
        else:
            self._tap.emit(events)

    def inspect(self, action: Callable[[], None], busy: Direction | None = None) -> None:
        """Does something in the course of which rules may answer, and tells of it all when it is done.

        A direction that is busy with it sees to the answers that go its own way.
        """
        self._inspecting = True
        self._busy = busy
        try:
            action()
            self.answer()
        finally:
            self._inspecting = False
            self._busy = None
            told, self._told = self._told, []
            self._tap.emit(told)

    def answer(self) -> None:
        """Sends what rules have asked to be sent."""
        answers, self._answers = self._answers, []
        now = time.monotonic()
        for to, raw in answers:
            direction = self._directions[to.other]
            frames = frames_in(raw)
            if frames and self.passes:
                direction.insert([(now, frame) for frame in frames])
                if direction is not self._busy:
                    direction.advance()

    # For its ends

    def opened(self, side: Side) -> None:
        """An end has its socket."""
        if self.over:
            self._abandon(reset=False)
        elif side is Side.BROKER:
            self._say(Say.CONNECTED, self.client.address)
            self.client.throttle("unconnected", False)
        else:
            self._tap.admit(self)
            if self._swallowing:
                self._say(Say.NOTED, f"a black hole for {self.client.address}")
                return
            # Not here and now: up to Python 3.11.2 asyncio starts to read after this, whatever was said.
            self._tap.loop.call_soon(self._await_broker)
            self._connecting = self._tap.loop.create_task(self._connect())

    def _await_broker(self) -> None:
        """Reads nothing from the client until there is somewhere to send it."""
        self.client.throttle("unconnected", not self._ends[Side.BROKER].has_socket)

    def arrived(self, sender: Side, data: bytes) -> None:
        """Bytes from one side."""
        if self.passes:
            self._paces[sender].segment(time.monotonic(), data)

    def full(self, side: Side, full: bool) -> None:
        """A side takes nothing more for now, or does again."""
        self._ends[side.other].throttle("full", full and not self._swallowing)

    def ended(self, side: Side) -> None:
        """A side sends nothing more."""
        if self._swallowing:
            self._end_unheard(side, "closed")
            self._ends[side].close()
        elif not self.over:
            self._paces[side].then(partial(self._close, side, time.monotonic()))

    def lost(self, side: Side, error: Exception | None) -> None:
        """A socket is closed: by the tap itself where there is no error."""
        how = "closed" if error is None else "reset"
        if self._swallowing:
            self._end_unheard(side, how)
        elif not self.over:
            self._paces[side].then(partial(self._close_wholly, side, time.monotonic(), how))
        if not any(end.has_socket for end in self._ends.values()):
            self.over = True
            for direction in self._directions.values():
                direction.forget_held()
            self._tap.dismiss(self)

    async def _connect(self) -> None:
        try:
            await self._tap.connect(self._ends[Side.BROKER])
        except OSError as error:
            self.over = True
            self._say(Say.REFUSED, quoted(error))
            self._abandon(reset=True)

    def _abandon(self, *, reset: bool) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        for side in Side:
            self._paces[side].clear()
            self._ends[side].sever(reset=reset)

    def _close(self, side: Side, at: float) -> None:
        """Nothing more comes from this side, which may still listen: passes that on."""
        self._note_end(side, at, "closed")
        if len(self._ended) < len(Side):
            self._ends[side.other].write_eof()
            return
        for end in self._ends.values():
            end.close()

    def _close_wholly(self, side: Side, at: float, how: str) -> None:
        """Nothing more comes from this side, and it does not listen: passes that on."""
        self._note_end(side, at, how)
        self._ends[side.other].close(reset=how == "reset")

    def _note_end(self, side: Side, at: float, how: str) -> None:
        if side in self._ended or self.over:
            return
        self._directions[side].end(at)
        if not self._ended:
            self._say(Say.DISCONNECTED, f"{how} by the {side}", at)
        self._ended.add(side)

    def _end_unheard(self, side: Side, how: str) -> None:
        """A side has ended, and the other is not to know."""
        if side not in self._ended and not self.over:
            self._ended.add(side)
            self._say(Say.DISCONNECTED, f"{how} by the {side}")

    def _say(self, name: Say, note: str, at: float | None = None) -> None:
        event = WireEvent(time.monotonic() if at is None else at, self.number, 0, None, name, note=note)
        if self._inspecting:
            self._told.append(event)
        else:
            self._tap.emit([event])
