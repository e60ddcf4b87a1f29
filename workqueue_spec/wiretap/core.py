"""The core of one connection through the tap: bytes and ends of both sides go in, commands and events come out.

How it works: every input (`received`, `ended`, ...) returns `Outputs`, and the relay, which owns the sockets,
carries them out. The core never waits and knows no sockets, so a test of it reads like a play: this comes in,
that goes out. Each side has a `Direction`, which cuts its bytes into frames. If a rule or a hold has to see the
next frame first, bytes wait until their frame is whole. Otherwise they are forwarded at once and read
afterwards.

What is ugly: so that reading delays nothing, it is an input of its own, `read`, which must follow `received` if
something is `unread`. A rule may also ask for something from a timer (`connection.cut` a second later): no input
returns what this puts out, so the core calls `on_request`, and the relay takes the outputs. A `send` within a
rule waits until the frame at hand has passed, so the core remembers which direction it inspects. And a rule that
cuts loses the frames before it in the same segment, although they are told as forwarded.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .direction import Direction
from .events import Say, Side, WireEvent
from .frames import frames_in
from .holds import Hold
from .link_fault import LinkFault
from .outputs import Close, Command, Connect, Discard, Outputs, Sever, Write, WriteEof
from .rules import Rule, concerns


class Core:
    """One connection of a client, and the one made to the broker for it. Rules see it as a `Connection`.

    When one side closes, what it sent goes to the other side, then a FIN; the way back stays open until the
    other side closes too. A reset is passed on as a reset. Times are in seconds of time.monotonic().
    """

    def __init__(
        self,
        number: int,
        rules: Sequence[Rule] = (),
        holds: Sequence[Hold] = (),
        *,
        swallowing: bool = False,
        fault: LinkFault | None = None,
        in_cluster: bool = False,
        on_request: Callable[[], None] = lambda: None,
    ) -> None:
        """Of the fault, the core executes the cut and tells the note; the relay executes the rest. With
        `in_cluster` it tells which node it is connected to. `on_request` is called if `send`, `cut` or `swallow`
        has put something out while no input was at work.
        """
        self.number = number
        """From 1 within its tap."""
        self.state: dict[str, Any] = {}
        """For rules, to remember what they need for this connection."""
        self.broker_address = ""
        """Host and port of the broker, or of the node of a cluster; empty until it is connected."""
        self.over = False
        """Nothing passes any more: the connection was cut, refused, or closed on both sides."""
        self.swallowing = swallowing
        """Nothing passes any more, and both sides stay open."""
        self._on_request = on_request
        self._fault = fault
        self._in_cluster = in_cluster
        self._counted = 0
        """Bytes that were forwarded and count for the fault's cut."""
        self._directions = {
            side: Direction(
                self,
                side,
                [rule for rule in rules if concerns(rule, side)],
                [hold for hold in holds if hold.sender is side],
            )
            for side in Side
        }
        self.unread: tuple[Side, float, bytes] | None = None
        """Bytes that are forwarded and wait for `read`: their sender, when they arrived, and they themselves."""
        self._client_address = ""
        self._ended: set[Side] = set()
        self._inspected: Direction | None = None
        """The direction whose frame rules see now."""
        self._sent: list[tuple[Side, bytes]] = []
        """What rules have sent, until the frame at hand has passed."""
        self._commands: list[Command] = []
        self._events: list[WireEvent] = []

    @property
    def passes(self) -> bool:
        """Whether bytes are forwarded."""
        return not self.over and not self.swallowing

    def outputs(self) -> Outputs:
        """What has been put out and not been taken yet."""
        outputs = Outputs(self._commands, self._events)
        self._commands, self._events = [], []
        return outputs

    # What rules may ask for

    def send(self, to: Side, raw: bytes) -> None:
        """Sends frames to one side, as if the other side had sent them. They wait until no frame is under way to
        that side, and no message on their channel; within a rule, also until the frame at hand has passed.
        """
        self._sent.append((to, raw))
        if self._inspected is None:
            self._insert_sent()
            self._on_request()

    def cut(self, *, reset: bool = False) -> None:
        """Ends the connection on both sides, with a FIN or a RST. What was under way is lost."""
        if self.over:
            return
        self._cut(reset)
        if self._inspected is None:
            self._on_request()

    def swallow(self) -> None:
        """From now on both sides stay open, and nothing passes."""
        if not self.passes:
            return
        self.swallowing = True
        self._commands.append(Discard())
        self._say(Say.NOTED, "a black hole from here on")
        if self._inspected is None:
            self._on_request()

    # Faults that the tap sets

    def add_rule(self, rule: Rule) -> None:
        """Shows the rule every frame that begins to arrive from now on."""
        for side, direction in self._directions.items():
            if concerns(rule, side):
                direction.rules.append(rule)

    def add_hold(self, hold: Hold) -> None:
        """Lets the hold keep frames from now on."""
        self._directions[hold.sender].holds.append(hold)

    def end_hold(self, hold: Hold, *, dropped: bool) -> Outputs:
        """The hold is over: what it has kept of this connection is dropped or forwarded."""
        self._directions[hold.sender].end_hold(hold, dropped=dropped)
        if self.passes:
            self._advance(hold.sender)
        return self.outputs()

    # What happens on the two sides

    def opened(self, side: Side, address: str) -> Outputs:
        """An endpoint has its socket; the address is its peer's, as host:port."""
        if self.over:
            self._commands.append(Sever(reset=False))
        elif side is Side.BROKER:
            self.broker_address = address
            self._say(Say.CONNECTED, self._client_address)
            if self._in_cluster:
                self._say(Say.NOTED, f"on the node at {address}")
            if self._fault is not None and self._fault.note:
                self._say(Say.NOTED, self._fault.note)
        elif self.swallowing:
            self._say(Say.NOTED, f"a black hole for {address}")
        else:
            self._client_address = address
            self._commands.append(Connect())
        return self.outputs()

    def refused(self, why: str) -> Outputs:
        """The broker could not be connected to."""
        self.over = True
        self._say(Say.REFUSED, why)
        self._commands.append(Sever(reset=True))
        return self.outputs()

    def received(self, sender: Side, at: float, data: bytes) -> Outputs:
        """One side has sent bytes, which arrived at that time. Then comes `read`, if something is `unread`."""
        if self.over or self.swallowing:
            return self.outputs()
        data = self._before_the_cut(sender, data)
        if self._directions[sender].inspects:
            self._inspect(sender, at, data)
            self._cut_if_due()
        else:
            self._write(sender.other, data)
            self.unread = sender, at, data
        return self.outputs()

    def read(self) -> Outputs:
        """The bytes that were `unread` are forwarded: tells what they were."""
        if self.unread is not None:
            sender, at, data = self.unread
            self.unread = None
            self._tell(self._directions[sender].read(at, data))
            self._cut_if_due()
        return self.outputs()

    def ended(self, side: Side, at: float) -> Outputs:
        """One side sends nothing more, and may still receive."""
        if self.swallowing:
            self._note_unheard_end(side, at, "closed")
            self._commands.append(Close(side))
        elif not self.over:
            self._note_end(side, at, "closed")
            if len(self._ended) < len(Side):
                self._commands.append(WriteEof(side.other))
            else:
                self._commands += [Close(each) for each in Side]
        return self.outputs()

    def lost(self, side: Side, at: float, how: str) -> Outputs:
        """The socket of one side is "closed" or "reset"."""
        if self.swallowing:
            self._note_unheard_end(side, at, how)
        elif not self.over:
            self._note_end(side, at, how)
            self._commands.append(Close(side.other, reset=how == "reset"))
        return self.outputs()

    def closed(self) -> None:
        """No side has a socket any more."""
        self.over = True
        for direction in self._directions.values():
            direction.forget_held()

    def _cut(self, reset: bool) -> None:
        self.over = True
        self._say(Say.CUT, "RST" if reset else "FIN")
        self._commands.append(Sever(reset))

    def _before_the_cut(self, sender: Side, data: bytes) -> bytes:
        """Counts the bytes for the fault's cut. Returns those that still pass."""
        fault = self._fault
        if fault is None or fault.cut_after is None or sender not in fault.senders:
            return data
        passing = data[: fault.cut_after - self._counted]
        self._counted += len(passing)
        return passing

    def _cut_if_due(self) -> None:
        if self.passes and self._fault is not None and self._counted == self._fault.cut_after:
            self._say(Say.NOTED, f"cut after {self._counted} bytes")
            self._cut(reset=True)

    def _inspect(self, sender: Side, at: float, data: bytes) -> None:
        """Shows rules and holds every frame that ends within these bytes, then forwards what they leave."""
        direction = self._inspected = self._directions[sender]
        try:
            for frame in direction.split(data):
                self._tell(direction.take(at, frame))
                self._insert_sent()
                if not self.passes:
                    return
                self._tell(direction.place())
        finally:
            self._inspected = None
        self._advance(sender)
        self._tell(direction.check(at))

    def _insert_sent(self) -> None:
        """Sends what rules have asked for."""
        if not self._sent:
            return
        sent, self._sent = self._sent, []
        now = time.monotonic()
        for to, raw in sent:
            direction = self._directions[to.other]
            frames = frames_in(raw)
            if frames and self.passes:
                direction.insert([(now, frame) for frame in frames])
                self._advance(to.other)

    def _advance(self, sender: Side) -> None:
        """Forwards what nothing keeps back any more; if the direction is being inspected, that follows anyway."""
        direction = self._directions[sender]
        if direction is self._inspected:
            return
        self._tell(direction.place())
        self._write(sender.other, direction.flush())

    def _write(self, to: Side, data: bytes) -> None:
        if data and to.other not in self._ended:
            self._commands.append(Write(to, data))

    def _tell(self, events: Iterable[WireEvent]) -> None:
        """Tells what has passed, unless a side has ended."""
        for event in events:
            # Asked for each event: a rule may cut between two of them.
            if not self._ended and not self.over:
                self._events.append(event)

    def _note_end(self, side: Side, at: float, how: str) -> None:
        if side in self._ended:
            return
        direction = self._directions[side]
        self._write(side.other, direction.rest)
        self._tell(direction.end(at))
        if not self._ended:
            self._say(Say.DISCONNECTED, f"{how} by the {side}", at)
        self._ended.add(side)

    def _note_unheard_end(self, side: Side, at: float, how: str) -> None:
        """A side has ended, and the other side must not learn of it."""
        if side not in self._ended and not self.over:
            self._ended.add(side)
            self._say(Say.DISCONNECTED, f"{how} by the {side}", at)

    def _say(self, name: Say, note: str, at: float | None = None) -> None:
        moment = time.monotonic() if at is None else at
        self._events.append(WireEvent(moment, self.number, 0, None, name, note=note))
