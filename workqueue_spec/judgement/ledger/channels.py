"""What the reader remembers of each channel while it reads."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pamqp import commands

from .entries import Channel, Connection, Consumer, Delivery, Fetch, Publication

Entry = TypeVar("Entry", Delivery, Publication)


class Waiting(Generic[Entry]):
    """Entries that wait for a reply that names their number, which may mean all numbers up to it as well."""

    __slots__ = ("_entries", "_last", "_rising")

    def __init__(self) -> None:
        self._entries: OrderedDict[int, Entry] = OrderedDict()
        self._last = -1
        self._rising = True

    def add(self, number: int, entry: Entry) -> None:
        """Adds an entry; one of the same number is replaced."""
        self._rising = self._rising and number > self._last
        self._last = number
        self._entries[number] = entry

    def take(self, number: int, multiple: bool) -> list[tuple[int, Entry]]:
        """Removes and returns those that a reply means; with `multiple`, all up to the number, 0 meaning all."""
        if not multiple:
            return [(number, self._entries.pop(number))] if number in self._entries else []
        numbers = list(self._up_to(number))
        return [(each, self._entries.pop(each)) for each in numbers]

    def take_all(self) -> list[Entry]:
        """Removes and returns all."""
        entries = list(self._entries.values())
        self._entries.clear()
        return entries

    def _up_to(self, number: int) -> Iterator[int]:
        for each in self._entries:
            if number == 0 or each <= number:
                yield each
            elif self._rising:
                return


class Tags:
    """A set of delivery tags that takes little memory if nearly all tags from 1 on are in it."""

    __slots__ = ("_others", "_up_to")

    def __init__(self) -> None:
        self._up_to = 0
        """All tags from 1 up to this one are in the set."""
        self._others: set[int] = set()

    def add(self, tag: int) -> None:
        """Adds a tag."""
        if tag != self._up_to + 1:
            self._others.add(tag)
            return
        self._up_to = tag
        while self._others and self._up_to + 1 in self._others:
            self._up_to += 1
            self._others.discard(self._up_to)

    def __contains__(self, tag: int) -> bool:
        return 1 <= tag <= self._up_to or tag in self._others


@dataclass(slots=True)
class ChannelState:
    """One channel, as far as it has been read."""

    key: Channel
    connection: Connection = field(init=False)
    open: bool = True
    held: Waiting[Delivery] = field(default_factory=Waiting)
    settled: Tags = field(default_factory=Tags)
    confirming: bool = False
    published: int = 0
    unconfirmed: Waiting[Publication] = field(default_factory=Waiting)
    transaction: list[Publication] | None = None
    """What was published since the last commit; None if the channel is not transactional."""
    fetching: deque[Fetch] = field(default_factory=deque)
    declared: str = ""
    """The queue that was declared last: a method that names no queue means this one."""
    asked: deque[commands.Basic.Consume] = field(default_factory=deque)
    consumers: dict[str, Consumer] = field(default_factory=dict)
    declares_passively: bool = False
    """Whether a passive declaration waits for its reply."""

    def __post_init__(self) -> None:
        self.connection = self.key[:2]

    def end(self, at: float) -> list[Delivery]:
        """The channel has ended: the broker takes back what is held. Returns what was held."""
        self.open = False
        return self.take_back(at)

    def take_back(self, at: float) -> list[Delivery]:
        """The broker takes back what is held. Returns what was held."""
        taken = self.held.take_all()
        for delivery in taken:
            delivery.taken_back_at = at
        return taken
