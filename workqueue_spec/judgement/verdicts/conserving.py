"""Whether a storm has lost a task, or made one up: what was sent, what was finished, and how often.

How it works. A `Conservation` reads the events of a storm one by one, while they happen or from a file, and forgets
what is settled. So a history of any length is judged in a time that grows with its length, and in memory that does
not. It knows of each task what the storm noted, what was published, and which deliveries carried it.

What is certain. A task is owed if the broker's confirm reached its sender, or if its producer reported success
without having published anything. If the confirm was lost, the task may be finished or not. A task is finished if
it is acknowledged no sooner than its work takes, counted from its first delivery to that worker: a worker that
loses its connection, finishes the task all the same, and recognises it when it is redelivered, need not work on it
twice. Nor need another worker, if it can recognise the task by its id, and somebody has held it for that long.

A task that is finished twice is no failure if the broker has said so: its second delivery is marked as redelivered.
The mark may be missing for each copy that was published. It may be missing, too, after the broker went away:
whether a message was delivered before, and even that it was acknowledged, may be lost with a broker that is killed.
"""

from collections import OrderedDict, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from ..event import Event
from ..ledger import Channel, Connection, Delivery, PassingReader, Publication
from ..storm import ASKED, COUNTED, FAULT, OVER, REPLACES, SENT, TASK, task_in
from ..tasks import tokens_in
from .recovering import Recoveries
from .redelivery import is_known_duplicate
from .reporting import TAKEN
from .settlement import TIMER, came, settled
from .verdict import Kind, Moment, Verdict

KEPT = 20_000
"""How many tasks that are settled are remembered, the latest ones. Of older ones it is known only that they were
sent."""
_MOST_ROUTES = 100
"""How many ways to the queue are remembered."""
_BITS = 27
"""Of each token that was sent, this many of its 32 bits are remembered for good, in 16 MiB for all tokens. After a
million tasks, one of 134 strange tokens looks like one that was sent, and nobody is accused for it."""


@dataclass(slots=True)
class _Fate:
    """What became of one task so far."""

    mark: bytes
    seconds: float
    copies: int = 0
    """How many messages carry it, as far as somebody was seen to publish them."""
    published: bool = False
    """Whether a program has published it."""
    confirmed: bool = False
    refused: bool = False
    returned: bool = False
    claimed: bool = False
    """Whether its producer has reported success."""
    deliveries: int = 0
    finished: int = 0
    first: dict[str, float] = field(default_factory=dict)
    """When it was first delivered to each worker."""
    gone: bool = False
    """Whether a worker has settled it for good, finished or not."""
    held: bool = False
    """Whether somebody has held it for as long as its work takes."""
    last: Delivery | None = None
    """The last delivery of a task that is not finished."""
    life: int = 0
    unmarked: int = 0
    """How often it was finished, in that life of the broker, by a delivery without the mark `redelivered`."""

    @property
    def is_owed(self) -> bool:
        told = self.claimed and (self.refused or not self.published)
        return not self.returned and (self.confirmed or told)


class _Seen:
    """The tokens of all the tasks that were sent, in memory that does not grow."""

    def __init__(self) -> None:
        self._bits = bytearray(1 << (_BITS - 3))

    def add(self, token: bytes) -> None:
        place = int(token[1:], 16) & ((1 << _BITS) - 1)
        self._bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, token: bytes) -> bool:
        place = int(token[1:], 16) & ((1 << _BITS) - 1)
        return bool(self._bits[place >> 3] & (1 << (place & 7)))


class Conservation:
    """Counts the tasks of a storm, and says what was lost, made up or finished once too often."""

    def __init__(self, queues: Collection[str], route: tuple[str, str], prefetch: int) -> None:
        """`queues` are those of the workers, each of which may hold `prefetch` tasks at once. `route` is the
        exchange to which the producer publishes, and the routing key. The confirm of a message that does not go to
        the queue says nothing of a task.
        """
        self._queues = frozenset(queues)
        self._routes = {route}
        """The exchange and the routing key of what leads to the queue: the producer's, and all that were
        delivered."""
        self._prefetch = prefetch
        self._reader = PassingReader()
        self._open: dict[bytes, _Fate] = {}
        """The tasks that are not finished."""
        self._done: OrderedDict[bytes, _Fate] = OrderedDict()
        """The latest tasks that are finished."""
        self._abandoned: deque[bytes] = deque()
        """Tasks that are not finished, and that were not owed when their producer ended."""
        self._seen = _Seen()
        self._others: set[int] = set()
        """Hashes of the bodies that a program has published and that carry no task. If there are KEPT of them,
        nothing is unexpected any more."""
        self._asked: dict[str, bytes] = {}
        """The task that each run of the producer is to send."""
        self._held: dict[Connection, dict[tuple[Channel, int], set[bytes]]] = {}
        """The deliveries that are held on each connection, by channel and tag: the marks of their tasks."""
        self._life = 0
        self._forgotten = 0
        """How many tasks that were owed are forgotten."""
        self._most_held: tuple[int, Delivery | None] = 0, None
        self._unexpected: tuple[int, Delivery | None] = 0, None
        self._repeated: tuple[int, Delivery | None] = 0, None
        self._ready: int | None = None
        self.tasks = 0
        """How many tasks were to be sent."""
        self.finished = 0
        """How many tasks were finished."""
        self.duplicates = 0
        """How often a task was finished that had been finished before."""
        self.recoveries = Recoveries()

    def read(self, event: Event) -> None:
        """Takes up one event. Raises ValueError if it is an event of the storm's own that makes no sense."""
        if event.wire is None:
            self._note(event)
            return
        reader = self._reader
        reader.read(event)
        for delivery in reader.ledger.deliveries:
            self._came(delivery)
        for publication in reader.ledger.publications:
            self._published(publication)
        for reply in reader.ledger.replies:
            if reply.what == "Basic.Return":
                for fate in self._fates(tokens_in(reply.body)):
                    fate.returned = True
        for delivery in reader.given_up:
            self._given_up(delivery)
        for publication in reader.replied:
            self._replied(publication)

    # What the storm and the processes tell

    def _note(self, event: Event) -> None:
        what = event.what
        if what == TASK:
            mark, seconds = task_in(event)
            self._seen.add(mark)
            self._open[mark] = _Fate(mark, seconds)
            self.tasks += 1
        elif what == ASKED:
            self._asked[event.who] = event.text.encode()
        elif what == SENT:
            if (fate := self._fate(event.text.partition(" ")[0].rstrip(".").encode())) is not None:
                fate.confirmed = True
                fate.copies += 1
        elif what == "exited":
            self._ended(event)
        elif what in ("unreachable", "disturbed"):
            self._life += 1
        elif what == FAULT:
            self.recoveries.begins(event)
        elif what == OVER:
            self.recoveries.is_over(event)
        elif what == REPLACES:
            self.recoveries.replaces(event.who, event.text)
        elif what == COUNTED:
            self._ready = int(event.text) if event.text else None

    def _ended(self, event: Event) -> None:
        self.recoveries.ended(event.who)
        mark = self._asked.pop(event.who, None)
        if mark is None or (fate := self._fate(mark)) is None:
            return
        fate.claimed = event.text == "with status 0"
        if not fate.is_owed and mark in self._open:
            self._abandoned.append(mark)
            if len(self._abandoned) > KEPT:
                oldest = self._abandoned.popleft()
                if oldest in self._open and not self._open[oldest].is_owed:
                    del self._open[oldest]

    # What passes on the wire

    def _fate(self, mark: bytes) -> _Fate | None:
        return self._open.get(mark) or self._done.get(mark)

    def _fates(self, marks: Collection[bytes]) -> list[_Fate]:
        return [fate for mark in marks if (fate := self._fate(mark)) is not None]

    def _published(self, publication: Publication) -> None:
        found = self._fates(tokens_in(publication.body))
        for fate in found:
            fate.copies += 1
            fate.published = True
        if not found and len(self._others) < KEPT:
            self._others.add(hash(publication.body))

    def _replied(self, publication: Publication) -> None:
        if (publication.exchange, publication.routing_key) not in self._routes:
            return
        for fate in self._fates(tokens_in(publication.body)):
            taken = publication.confirmed_by in TAKEN
            fate.confirmed = fate.confirmed or taken
            fate.refused = not taken
            if taken:
                self.recoveries.finished(publication.who, publication.confirmed_at or publication.at)

    def _came(self, delivery: Delivery) -> None:
        if delivery.queue not in self._queues:
            return
        if len(self._routes) < _MOST_ROUTES:
            self._routes.add((delivery.exchange, delivery.routing_key))
        marks = tokens_in(delivery.body)
        for fate in self._fates(marks):
            fate.deliveries += 1
            fate.first.setdefault(delivery.who, delivery.at)
            fate.last = delivery
            fate.gone = fate.gone or delivery.no_ack
        # What comes on a channel that was closed crossed the close: the broker has taken it back.
        if delivery.no_ack or not self._reader.is_open(delivery.channel):
            return
        held = self._held.setdefault(delivery.channel[:2], {})
        held[delivery.channel, delivery.tag] = marks
        if len(held) > max(self._prefetch, self._most_held[0]):
            self._most_held = len(held), self._most_held[1] or delivery

    def _given_up(self, delivery: Delivery) -> None:
        if delivery.queue not in self._queues:
            return
        connection = delivery.channel[:2]
        held = self._held.get(connection, {})
        held.pop((delivery.channel, delivery.tag), None)
        if not held:
            self._held.pop(connection, None)
        tokens, until = tokens_in(delivery.body), delivery.held_until
        for fate in self._fates(tokens):
            begun, enough = fate.first.get(delivery.who, delivery.at), fate.seconds - TIMER
            is_done = until is not None and until - begun >= enough
            is_done = is_done or (fate.held and is_known_duplicate(delivery))
            if delivery.acknowledged and until is not None and is_done:
                self._finished(fate, delivery, until)
            fate.gone = fate.gone or (delivery.settled_by is not None and not delivery.requeued)
            fate.held = fate.held or (until is not None and until - delivery.at >= enough)
        if not delivery.acknowledged:
            return
        known = any(mark in self._seen for mark in tokens) or len(self._others) == KEPT
        if not known and hash(delivery.body) not in self._others:
            self._unexpected = self._unexpected[0] + 1, self._unexpected[1] or delivery

    def _finished(self, fate: _Fate, delivery: Delivery, at: float) -> None:
        fate.finished += 1
        self.recoveries.finished(delivery.who, at)
        if fate.finished == 1:
            self.finished += 1
            del self._open[fate.mark]
            self._done[fate.mark] = fate
            fate.last = None
            if len(self._done) > KEPT:
                _, oldest = self._done.popitem(last=False)
                self._forgotten += oldest.is_owed
        else:
            self.duplicates += 1
        if fate.life != self._life:
            fate.life, fate.unmarked = self._life, 0
        if not delivery.redelivered and "x-death" not in (delivery.properties.headers or {}):
            fate.unmarked += 1
            if fate.unmarked > max(fate.copies, 1):
                self._repeated = self._repeated[0] + 1, self._repeated[1] or delivery

    # What follows

    @property
    def longest_unfinished(self) -> float:
        """The seconds of work of the longest task that is not finished; 0 if all are."""
        return max((fate.seconds for fate in self._open.values()), default=0.0)

    @property
    def owed(self) -> int:
        """How many tasks had to be finished."""
        kept = [*self._open.values(), *self._done.values()]
        return self._forgotten + sum(fate.is_owed for fate in kept)

    @property
    def lost(self) -> list[bytes]:
        """The marks of the tasks that are owed and not finished."""
        return [mark for mark, fate in self._open.items() if fate.is_owed]

    @property
    def waiting(self) -> int:
        """How many tasks are owed, and no worker has settled them for good."""
        return sum(fate.is_owed and not fate.gone for fate in self._open.values())

    @property
    def holds_nothing(self) -> bool:
        """Whether nobody holds a task of the queue."""
        return not self._held

    def holds_what_is_owed(self, who: str) -> bool:
        """Whether the party holds a task that would be missed: it is owed, and was published once."""
        held = [marks for (party, _), each in self._held.items() if party == who for marks in each.values()]
        fates = [self._open[mark] for marks in held for mark in marks if mark in self._open]
        return any(fate.is_owed and fate.copies == 1 for fate in fates)

    def none_lost(self) -> Verdict:
        """Each task that is owed was finished at least once."""
        owed, lost = self.owed, self.lost
        expected = f"each of {owed} tasks finished at least once"
        if not lost:
            return Verdict(owed > 0, expected, "all were" if owed else "no task was confirmed")
        fates = [self._open[mark] for mark in lost]
        shown = ", ".join(f"{each.mark.decode()} (delivered {each.deliveries} times)" for each in fates[:4])
        more = f" and {len(lost) - 4} more" if len(lost) > 4 else ""
        return Verdict(False, expected, f"{len(lost)} never finished: {shown}{more}", _last_of(fates[0]))

    def none_unexpected(self) -> Verdict:
        """No message was worked on that nobody has sent."""
        number, first = self._unexpected
        expected = "only tasks worked on that somebody has sent"
        if first is None:
            return Verdict(True, expected, "no other")
        seen = f"{number} messages acknowledged that nobody has sent, the first by {first.who}"
        return Verdict(False, expected, seen, came(first))

    def none_repeated_in_silence(self) -> Verdict:
        """No task was finished twice without the broker's word that its delivery is a redelivery."""
        number, first = self._repeated
        expected = "each delivery of a task that was finished before marked as redelivered by the broker"
        if first is None:
            return Verdict(
                True, expected, f"{self.duplicates} tasks finished again, each marked or allowed to"
            )
        seen = f"{number} tasks finished again without the mark, the first by {first.who}"
        return Verdict(False, expected, seen, came(first))

    def drained(self) -> Verdict:
        """In the end the queue is empty, and nobody holds a task."""
        expected = "the queue empty in the end, and no task held"
        held = sum(map(len, self._held.values()))
        if self._ready is None:
            return Verdict(False, expected, "the queue is not there any more, or was never counted")
        return Verdict(not self._ready and not held, expected, f"{self._ready} tasks ready, {held} held")

    def within_the_prefetch(self) -> Verdict:
        """No worker held more tasks at once, on one connection, than its prefetch allows."""
        number, first = self._most_held
        expected = f"at most {self._prefetch} unacknowledged at any time"
        if first is None:
            return Verdict(True, expected, "no more than that")
        return Verdict(False, expected, f"{number} held by {first.who}", came(first), Kind.HELD)

    def verdict(self) -> Verdict:
        """All that S02 promises. What a worker holds is W02's promise."""
        return self.none_lost() & self.none_unexpected() & self.none_repeated_in_silence() & self.drained()

    def as_data(self) -> dict[str, Any]:
        """The numbers of the storm, for reports."""
        return {
            "tasks": self.tasks,
            "confirmed": self.owed,
            "finished": self.finished,
            "lost": len(self.lost),
            "duplicates": self.duplicates,
            "unexpected": self._unexpected[0],
            "repeated_in_silence": self._repeated[0],
            "faults": [
                {
                    "kind": each.kind,
                    "times": each.times,
                    "recovered": each.recovered,
                    "mean_seconds": None if each.mean is None else round(each.mean, 3),
                    "longest_seconds": round(each.longest, 3),
                }
                for each in self.recoveries
            ],
        }


def _last_of(fate: _Fate) -> Moment | None:
    """The last that was seen of a task: how its last delivery was settled, or that it came."""
    if fate.last is None:
        return None
    return came(fate.last) if fate.last.settled_by is None else settled(fate.last)
