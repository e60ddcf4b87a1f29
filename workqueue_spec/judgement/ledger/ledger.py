"""The ledger: what is known of the messages, queues and connections of a history, or of one party's."""

from dataclasses import dataclass, field, replace

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
    """All of its entries, each kind in the order in which they came about."""

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

    def about(self, queue: str) -> "Ledger":
        """The same without what was taken from other queues: a framework may have some of its own."""
        return replace(
            self,
            deliveries=[each for each in self.deliveries if each.queue == queue],
            consumers=[each for each in self.consumers if each.queue == queue],
            fetches=[each for each in self.fetches if each.queue == queue],
        )

    def of(self, text: bytes) -> list[Delivery]:
        """The deliveries of messages that carry the text."""
        return [delivery for delivery in self.deliveries if delivery.carries(text)]

    def carrying(self, text: bytes) -> list[Publication]:
        """The publications that carry the text."""
        return [publication for publication in self.publications if publication.carries(text)]
