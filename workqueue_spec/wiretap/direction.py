"""One direction of a connection: what one side sends and the other side is to receive."""

from collections.abc import Generator, Iterator, Sequence

from .contents import BEARERS, Contents
from .events import Say, Side, WireEvent, quoted
from .frames import Frame, Splitter, frames_in
from .holds import Hold, Unit
from .rules import Connection, Rule, wants


class Direction:
    """Cuts bytes into frames, shows them to rules and holds, and says what is to be forwarded and told.

    It has two ways of working. As long as no rule and no hold has to see a frame before it is forwarded, the
    caller forwards the bytes at once and `read` says afterwards what they were. Otherwise the frames are
    `split` off, each one is given to `take`, and `flush` gives the bytes to be forwarded. A frame that is
    partly forwarded already passes as it is.

    Methods that return events return what is to be told once the bytes are forwarded.
    """

    def __init__(
        self, connection: Connection, sender: Side, rules: Sequence[Rule], holds: Sequence[Hold]
    ) -> None:
        self.rules = list(rules)
        self.holds = list(holds)
        self._connection = connection
        self._sender = sender
        self._splitter = Splitter()
        self._contents = Contents(connection.number, sender)
        self._ahead = 0
        """Bytes of the unfinished frame that are forwarded already."""
        self._plain = False
        """These bytes are no AMQP: they are forwarded from here on without being read."""
        self._out: list[bytes] = []
        self._inserted: list[Unit] = []
        """Frames that wait for a place between two frames of the sender."""
        self._dropped: set[int] = set()
        """Channels whose content is to be dropped, because the method before it was dropped."""
        self._held: dict[int, Hold] = {}
        """Channels whose content is to be held, because the method before it is held."""

    @property
    def inspects(self) -> bool:
        """Whether frames have to be seen before they are forwarded."""
        return not self._plain and bool(self.rules or self.holds or self._inserted or self._dropped)

    # Bytes that are forwarded already

    def read(self, at: float, data: bytes) -> list[WireEvent]:
        """Reads bytes that arrived at that time and are forwarded already."""
        if self._plain:
            return []
        frames = self._splitter.feed(data)
        self._ahead = len(self._splitter.unfinished)
        events: list[WireEvent] = []
        for frame in frames:
            events += self._contents.take(at, frame)
        return events + self.check(at) if self._splitter.fault else events

    # Frames that are seen first

    def split(self, data: bytes) -> list[Frame]:
        """The frames that end within these bytes. Each is to be given to `take`, then comes `flush`."""
        return self._splitter.feed(data)

    def take(self, at: float, frame: Frame) -> Iterator[WireEvent]:
        """Shows a frame to the rules and the holds. What they leave is forwarded at the next `flush`.

        An event comes before the next rule is called, so that what rules ask for falls between the events.
        """
        if self._ahead:
            ahead, self._ahead = self._ahead, 0
            yield from self._put(at, frame, ahead)
            return
        if frame.is_content and frame.channel in self._dropped:
            return
        if frame.is_method:
            self._dropped.discard(frame.channel)
        frames = yield from self._ruled(at, frame)
        if not frames and frame.name in BEARERS:
            self._dropped.add(frame.channel)
        for each in frames:
            hold = self._hold(each)
            if hold is None:
                yield from self._put(at, each)
                continue
            hold.keep(self._connection.number, at, each)
            if not each.is_content:
                note = f"held back from the {self._sender}: {each.name}"
                yield self._note(at, note)._replace(channel=each.channel, frame=each)

    def insert(self, unit: Unit) -> None:
        """Adds frames that did not come from the sender, or come late. `place` finds their place."""
        self._inserted.append(unit)

    def place(self) -> list[WireEvent]:
        """Puts inserted frames here, if no frame and, on their channel, no message is under way."""
        if self._ahead or not self._inserted:
            return []
        events: list[WireEvent] = []
        inserted, self._inserted = self._inserted, []
        for unit in inserted:
            if self._contents.busy(unit[0][1].channel) and not self._plain:
                self._inserted.append(unit)
                continue
            for at, frame in unit:
                events += self._put(at, frame)
        return events

    def flush(self) -> bytes:
        """The bytes to be forwarded now; those of an unfinished frame too, if nothing has to see the frame."""
        if self._splitter.fault or self._ahead or not self._wanted_next():
            self._out.append(self.rest)
            self._ahead = len(self._splitter.unfinished)
        data = b"".join(self._out)
        self._out.clear()
        return data

    def check(self, at: float) -> list[WireEvent]:
        """Reads nothing more if the bytes have turned out to be no AMQP; they are forwarded already."""
        if not self._splitter.fault or self._plain:
            return []
        self._plain = True
        self._splitter.unfinished.clear()
        self._ahead = 0
        return [*self._contents.end(at), self._note(at, f"from the {self._sender}: {self._splitter.fault}")]

    # The end

    @property
    def rest(self) -> bytes:
        """What has arrived of an unfinished frame and is not forwarded."""
        return bytes(self._splitter.unfinished[self._ahead :])

    def end(self, at: float) -> list[WireEvent]:
        """The sender has ended: forgets what is held. `rest` is forwarded already."""
        self.forget_held()
        events = self._contents.end(at)
        if self._splitter.unfinished and not self._plain:
            events.append(self._note(at, f"the {self._sender} ended within a frame"))
        return events

    def forget_held(self) -> None:
        """Loses what is held: nobody is left to receive it."""
        for hold in self.holds:
            hold.take(self._connection.number)

    def end_hold(self, hold: Hold, *, dropped: bool) -> None:
        """The hold is over. What it has is inserted or dropped, and so is what is still to come of a message
        that it had begun to hold.
        """
        for unit in hold.take(self._connection.number):
            if not dropped:
                self.insert(unit)
        if hold in self.holds:
            self.holds.remove(hold)
        channels = {channel for channel, holder in self._held.items() if holder is hold}
        for channel in channels:
            del self._held[channel]
        if dropped:
            self._dropped |= channels

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
            hold.wants(self._connection.number, name) for hold in self.holds
        )

    def _ruled(self, at: float, frame: Frame) -> Generator[WireEvent, None, list[Frame]]:
        """What the rules make of a frame. Tells which of them failed."""
        frames = [frame]
        for rule in tuple(self.rules):
            results: list[Frame] = []
            for each in frames:
                if not wants(rule, each.name):
                    results.append(each)
                    continue
                if getattr(rule, "once", False) and rule in self.rules:
                    self.rules.remove(rule)
                try:
                    raws = rule(self._connection, self._sender, each)
                    results += [each] if raws is None else [made for raw in raws for made in frames_in(raw)]
                except Exception as error:
                    why = f"a rule on {each.name}: {type(error).__name__}: {quoted(error)}"
                    yield self._note(at, why, Say.FAILED)
                    results.append(each)
            frames = results
        return frames

    def _hold(self, frame: Frame) -> Hold | None:
        if frame.is_content:
            return self._held.get(frame.channel)
        number = self._connection.number
        hold = next((hold for hold in self.holds if hold.catches(number, frame.name)), None)
        if frame.is_method:
            self._held.pop(frame.channel, None)
            if hold is not None and frame.name in BEARERS:
                self._held[frame.channel] = hold
        return hold

    def _put(self, at: float, frame: Frame, ahead: int = 0) -> list[WireEvent]:
        self._out.append(frame.raw[ahead:])
        return self._contents.take(at, frame)

    def _note(self, at: float, note: str, say: Say = Say.NOTED) -> WireEvent:
        return WireEvent(at, self._connection.number, 0, None, say, note=note)
