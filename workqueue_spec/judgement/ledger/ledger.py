"""The ledger: what is known of the messages, queues and connections in a history, of all parties or of one."""

import threading
from dataclasses import dataclass, field, replace

from ..unread import Unread
from .carriers import Carriers
from .entries import (
    Binding,
    Cancellation,
    Closed,
    Consumer,
    Declaration,
    Delivery,
    Exchange,
    Fetch,
    Greeting,
    Publication,
    Removal,
    Reply,
    Stray,
)


@dataclass
class Ledger:
    """The entries of each kind, in the order of their events."""

    deliveries: list[Delivery] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    consumers: list[Consumer] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    greetings: list[Greeting] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    cancellations: list[Cancellation] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._carriers = Carriers(self.deliveries), Carriers(self.publications)
        self._views: dict[tuple[str, ...], _View] = {}
        self._since: dict[float, _Since] = {}
        self._asking = threading.Lock()

    def about(self, *queues: str) -> "Ledger":
        """The ledger without deliveries, consumers and fetches of other queues than these.

        A framework may have queues of its own, which are not judged. It is always the same object for the same
        queues: asked again, it takes up only what is new, and shares all other entries with this ledger.
        """
        with self._asking:
            if queues not in self._views:
                self._views[queues] = _View(self, queues)
            return self._views[queues].brought_up_to_date()

    def published_since(self, at: float) -> "Ledger":
        """The ledger without earlier publications. It is always the same object for a time, as for `about`."""
        with self._asking:
            if at not in self._since:
                self._since[at] = _Since(self, at)
            return self._since[at].brought_up_to_date()

    def of(self, text: bytes) -> list[Delivery]:
        """The deliveries of messages that carry the text."""
        with self._asking:
            return self._carriers[0].of(text)

    def carrying(self, text: bytes) -> list[Publication]:
        """The publications that carry the text."""
        with self._asking:
            return self._carriers[1].of(text)


class _View:
    """A ledger about some queues, which shares all other entries with the whole ledger."""

    def __init__(self, whole: Ledger, queues: tuple[str, ...]) -> None:
        self._queues = queues
        self._ledger = replace(whole, deliveries=[], consumers=[], fetches=[])
        self._deliveries = Unread(whole.deliveries)
        self._consumers = Unread(whole.consumers)
        self._fetches = Unread(whole.fetches)

    def brought_up_to_date(self) -> Ledger:
        queues, ledger = self._queues, self._ledger
        ledger.deliveries += [each for each in self._deliveries if each.queue in queues]
        ledger.consumers += [each for each in self._consumers if each.queue in queues]
        ledger.fetches += [each for each in self._fetches if each.queue in queues]
        return ledger


class _Since:
    """A ledger without earlier publications, which shares all other entries with the whole ledger."""

    def __init__(self, whole: Ledger, at: float) -> None:
        self._at = at
        self._ledger = replace(whole, publications=[])
        self._publications = Unread(whole.publications)

    def brought_up_to_date(self) -> Ledger:
        self._ledger.publications += [each for each in self._publications if each.at >= self._at]
        return self._ledger
