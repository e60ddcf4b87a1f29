"""One direction of a connection: what one side sends and the other is to receive."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from .contents import BEARERS, Contents
from .events import Say, Side, WireEvent, quoted
from .frames import Frame, Splitter, frames_in
from .holds import Hold
from .rules import Rule, wants

if TYPE_CHECKING:
    from .connection import Connection

Unit: TypeAlias = list[tuple[float, Frame]]
"""Frames that belong together, a method and its content, each with its time of arrival."""


class Direction:
    """Forwards bytes first and reads them after, unless a rule or a hold has to see the frames before.

    A frame of which a part is forwarded already passes as it is.
    """

    def __init__(
        self, connection: "Connection", sender: Side, rules: Sequence[Rule], holds: Sequence[Hold]
    ) -> None:
        self.sender = sender
        self.rules = list(rules)
        self.holds = list(holds)
        self._line = connection
        self._splitter = Splitter()
        self._contents = Contents(connection.number, sender)
        self._ahead = 0
        """Bytes of the unfinished frame that are forwarded already."""
        self._plain = False
        """No AMQP: a pipe from here on."""
        self._out: list[bytes] = []
        self._waiting: list[Unit] = []
        """What was inserted and waits for its place, between two frames."""
        self._dropped: set[int] = set()
        """Channels whose content is to be dropped, as the method before it was."""
        self._held: dict[int, Hold] = {}
        """Channels whose content is to be held, as the method before it is."""

    def forward(self, at: float, data: bytes) -> None:
        """Takes a segment that arrived at that time."""
        if self._plain:
            self._line.write(self.sender.other, data)
        elif self._watched:
            self._line.inspect(lambda: self._inspect(at, data), self)
        else:
            self._line.write(self.sender.other, data)
            frames = self._splitter.feed(data)
            self._ahead = len(self._splitter.unfinished)
            self._line.tell([event for frame in frames for event in self._contents.take(at, frame)])
        if self._splitter.fault and not self._plain:
            self._become_plain(at)

    def insert(self, unit: Unit) -> None:
        """Sends frames that did not come from the sender, or come late, at the next place where frames may
        stand.
        """
        self._waiting.append(unit)

    def advance(self) -> None:
        """Forwards what nothing keeps back any more."""
        self._place_waiting()
        if not self._plain and (self._ahead or not self._wanted_next()):
            self._out.append(bytes(self._splitter.unfinished[self._ahead :]))
            self._ahead = len(self._splitter.unfinished)
        self._flush()

    def end(self, at: float) -> None:
        """The sender has ended: forwards half a frame, if that is what is left, and forgets what is held."""
        rest = bytes(self._splitter.unfinished[self._ahead :])
        self._line.write(self.sender.other, rest)
        self.forget_held()
        self._line.tell(self._contents.end(at))
        if self._splitter.unfinished and not self._plain:
            self._note(at, f"the {self.sender} ended within a frame")

    def forget_held(self) -> None:
        """Loses what is held: nobody is there to take it."""
        for hold in self.holds:
            hold.forget(self)

    def unhold(self, hold: Hold, *, dropped: bool) -> None:
        """The hold is over. What is still to come of a message that it had begun to hold goes the same
        way.
        """
        if hold in self.holds:
            self.holds.remove(hold)
        channels = {channel for channel, holder in self._held.items() if holder is hold}
        for channel in channels:
            del self._held[channel]
        if dropped:
            self._dropped |= channels

    @property
    def _watched(self) -> bool:
        return bool(self.rules or self.holds or self._waiting or self._dropped)

    def _wanted_next(self) -> bool:
        """Whether anything has to see the frame that has begun to arrive, once it is whole."""
        if not self.rules and not self.holds and not self._dropped:
            return False
        head = self._splitter.next_head
        if head is None:
            return True
        name, channel = head
        if name in {"ContentHeader", "ContentBody"} and (channel in self._dropped or channel in self._held):
            return True
        return any(wants(rule, name) for rule in self.rules) or any(
            hold.wants(self, name) for hold in self.holds
        )

    def _inspect(self, at: float, data: bytes) -> None:
        for frame in self._splitter.feed(data):
            if self._line.over:
                return
            if self._ahead:
                self._put(at, frame, self._ahead)
                self._ahead = 0
            else:
                self._pass(at, frame)
            self._line.answer()
            self._place_waiting()
        if not self._line.over:
            self.advance()

    def _pass(self, at: float, frame: Frame) -> None:
        if frame.is_content and frame.channel in self._dropped:
            return
        if frame.is_method:
            self._dropped.discard(frame.channel)
        frames = self._ruled(at, frame)
        if not frames and frame.name in BEARERS:
            self._dropped.add(frame.channel)
        for each in frames:
            hold = self._hold(each)
            if hold is None:
                self._put(at, each)
            else:
                hold.keep(self, at, each)
                if not each.is_content:
                    self._note(at, f"held back: {each.name}")

    def _ruled(self, at: float, frame: Frame) -> list[Frame]:
        frames = [frame]
        for rule in tuple(self.rules):
            frames = [result for each in frames for result in self._applied(rule, at, each)]
        return frames

    def _applied(self, rule: Rule, at: float, frame: Frame) -> list[Frame]:
        if not wants(rule, frame.name):
            return [frame]
        if getattr(rule, "once", False) and rule in self.rules:
            self.rules.remove(rule)
        try:
            raws = rule(self._line, self.sender, frame)
            return [frame] if raws is None else [made for raw in raws for made in frames_in(raw)]
        except Exception as error:
            self._note(at, f"a rule on {frame.name}: {type(error).__name__}: {quoted(error)}", Say.FAILED)
            return [frame]

    def _hold(self, frame: Frame) -> Hold | None:
        if frame.is_content:
            return self._held.get(frame.channel)
        hold = next((hold for hold in self.holds if hold.wants(self, frame.name)), None)
        if frame.is_method:
            self._held.pop(frame.channel, None)
            if hold is not None and frame.name in BEARERS:
                self._held[frame.channel] = hold
        return hold

    def _put(self, at: float, frame: Frame, ahead: int = 0) -> None:
        self._out.append(frame.raw[ahead:])
        self._line.tell(self._contents.take(at, frame))

    def _place_waiting(self) -> None:
        if self._ahead:
            return
        waiting, self._waiting = self._waiting, []
        for unit in waiting:
            if self._contents.busy(unit[0][1].channel) and not self._plain:
                self._waiting.append(unit)
                continue
            for at, frame in unit:
                self._put(at, frame)

    def _flush(self) -> None:
        if self._out:
            self._line.write(self.sender.other, b"".join(self._out))
            self._out.clear()

    def _become_plain(self, at: float) -> None:
        self._line.write(self.sender.other, bytes(self._splitter.unfinished[self._ahead :]))
        self._splitter.unfinished.clear()
        self._ahead = 0
        self._plain = True
        self._line.tell(self._contents.end(at))
        self._note(at, f"from the {self.sender}: {self._splitter.fault}")

    def _note(self, at: float, note: str, say: Say = Say.NOTED) -> None:
        self._line.tell([WireEvent(at, self._line.number, 0, None, say, note=note)])
