"""The events of the wire, read as what they mean for messages: published, delivered, settled, returned.

Names follow the AMQP model. A message that a broker gives to a client is a delivery, whether it was
pushed (`basic.deliver`) or fetched (`basic.get-ok`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pamqp import commands

from .encodings import holds
from .history import Event
from .wiretap import Side, WireEvent

NEVER_DELIVERED = "was never delivered on this channel"

FIRST_ERROR = 300
"""The lowest of AMQP's reply codes that tells of an error."""

NOT_FOUND = 404

Connection = tuple[str, int]
"""A party's name and the number of one of its connections."""
Channel = tuple[str, int, int]
"""A connection and the number of one of its channels."""


@dataclass
class Delivery:
    """A message given to a client, and what became of it."""

    who: str
    channel: Channel
    queue: str
    """From which it came: the one that its consumer, or the fetch, had asked for."""
    tag: int
    at: float
    body: bytes
    properties: commands.Basic.Properties
    redelivered: bool
    no_ack: bool
    consumer_tag: str | None
    """None where the client fetched it."""
    settled_by: str | None = None
    """`Basic.Ack`, `Basic.Nack` or `Basic.Reject`, or None while the client holds it."""
    settled_at: float | None = None
    requeued: bool = False
    together: int = 1
    """How many deliveries the frame that settled this one settled at once."""
    returned_at: float | None = None
    """When its channel or connection ended before it was settled: the broker takes it back."""

    @property
    def acknowledged(self) -> bool:
        """Whether the client told the broker that its work is done."""
        return self.settled_by == "Basic.Ack"

    def carries(self, text: bytes) -> bool:
        """Whether its body holds the text, as it stands or in a common encoding."""
        return holds(self.body, text)

    @property
    def held_until(self) -> float | None:
        """When the client ceased to hold it, or None while it does."""
        if self.no_ack:
            return self.at
        return self.settled_at if self.settled_at is not None else self.returned_at


@dataclass
class Publication:
    """A message given to the broker, and what the broker said of it."""

    who: str
    channel: Channel
    at: float
    exchange: str
    routing_key: str
    mandatory: bool
    body: bytes
    properties: commands.Basic.Properties
    number: int | None
    """Its number on a channel in confirm mode."""
    confirmed_by: str | None = None
    """`Basic.Ack` or `Basic.Nack`; `Tx.CommitOk` where it was published in a transaction."""
    confirmed_at: float | None = None

    def carries(self, text: bytes) -> bool:
        """Whether its body holds the text, as it stands or in a common encoding."""
        return holds(self.body, text)


@dataclass(frozen=True)
class Declaration:
    """A queue as a client asked for it."""

    who: str
    at: float
    queue: str
    passive: bool
    durable: bool
    exclusive: bool
    auto_delete: bool
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Consumer:
    """A subscription as a client asked for it."""

    who: str
    channel: Channel
    at: float
    queue: str
    tag: str
    no_ack: bool
    exclusive: bool


@dataclass(frozen=True)
class Fetch:
    """A message that a client asked for by itself (`basic.get`), whether there was one or not."""

    who: str
    at: float
    queue: str
    no_ack: bool


@dataclass(frozen=True)
class Closed:
    """A channel or a connection that one side closed with a reason."""

    who: str
    at: float
    by: Side
    whole_connection: bool
    code: int
    text: str
    of_a_look: bool = False
    """Whether it answers a passive declaration, of a queue that is not there."""

    @property
    def is_refusal(self) -> bool:
        """Whether it is the broker's, and tells of an error: a client that looked for a queue was told."""
        return self.by is Side.BROKER and self.code >= FIRST_ERROR and not self.of_a_look


@dataclass(frozen=True)
class Stray:
    """A settlement of something that its sender did not hold on that channel."""

    who: str
    at: float
    what: str
    tag: int
    why: str


@dataclass(frozen=True)
class Greeting:
    """What a client says of itself, and what it settles for, when it connects."""

    who: str
    connection: Connection
    at: float
    capabilities: dict[str, Any] = field(default_factory=dict)
    heartbeat: int | None = None
    """Seconds, 0 for none; None until it is settled."""


@dataclass(frozen=True)
class Removal:
    """A queue that a client purged or deleted."""

    who: str
    at: float
    what: str
    """`Queue.Purge` or `Queue.Delete`."""
    queue: str


@dataclass(frozen=True)
class Cancellation:
    """A subscription that the broker ended."""

    who: str
    channel: Channel
    at: float
    tag: str


@dataclass(frozen=True)
class Answer:
    """What the broker said to a publisher: a confirm, or a message that it returned."""

    who: str
    channel: Channel
    at: float
    what: str
    """`Basic.Ack`, `Basic.Nack` or `Basic.Return`."""
    number: int = 0
    """Of a confirm: the message's number on the channel, or the last of several."""
    multiple: bool = False
    code: int = 0
    """Of a return: why."""
    body: bytes = b""


@dataclass
class Ledger:
    """All of it."""

    deliveries: list[Delivery] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)
    consumers: list[Consumer] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    greetings: list[Greeting] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    cancellations: list[Cancellation] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

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


@dataclass
class _Channel:
    open: bool = True
    held: dict[int, Delivery] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    confirming: bool = False
    published: int = 0
    unconfirmed: dict[int, Publication] = field(default_factory=dict)
    transaction: list[Publication] | None = None
    """What was published since the last commit; None where the channel is not transactional."""
    fetching: list[Fetch] = field(default_factory=list)
    declared: str = ""
    """The queue that was declared last: it is meant where none is named."""
    asked: list[commands.Basic.Consume] = field(default_factory=list)
    consumers: dict[str, Consumer] = field(default_factory=dict)
    looking: bool = False
    """Whether a passive declaration waits for its answer."""


def ledger(events: Iterable[Event], who: str | None = None) -> Ledger:
    """Reads the events, those of one party or of all."""
    reader = _Reader()
    for event in events:
        if event.wire is not None and (who is None or event.who == who):
            reader.read(event, event.wire)
    return reader.ledger


class _Reader:
    def __init__(self) -> None:
        self.ledger = Ledger()
        self.channels: dict[Channel, _Channel] = {}

    def read(self, event: Event, wire: WireEvent) -> None:
        if wire.name in ("Tap.Disconnected", "Tap.Cut"):
            self._end_connection((event.who, wire.connection), event.at)
            return
        method = wire.method
        if method is None or wire.sender is None:
            return
        key = (event.who, wire.connection, wire.channel)
        if isinstance(method, commands.Channel.Open):
            self.channels[key] = _Channel()
            return
        channel = self.channels.setdefault(key, _Channel())
        if wire.sender is Side.CLIENT:
            self._from_client(event, wire, method, key, channel)
        else:
            self._from_broker(event, wire, method, key, channel)

    def _from_client(
        self, event: Event, wire: WireEvent, method: Any, key: Channel, channel: _Channel
    ) -> None:
        match method:
            case commands.Connection.StartOk():
                capabilities = (method.client_properties or {}).get("capabilities")
                known = capabilities if isinstance(capabilities, dict) else {}
                self.ledger.greetings.append(Greeting(event.who, key[:2], event.at, known))
            case commands.Connection.TuneOk():
                self._greeted(key[:2], heartbeat=method.heartbeat)
            case commands.Queue.Purge() | commands.Queue.Delete():
                self.ledger.removals.append(Removal(event.who, event.at, wire.name, method.queue))
            case commands.Queue.Declare():
                channel.looking = bool(method.passive)
                self.ledger.declarations.append(
                    Declaration(
                        event.who,
                        event.at,
                        method.queue,
                        bool(method.passive),
                        bool(method.durable),
                        bool(method.exclusive),
                        bool(method.auto_delete),
                        dict(method.arguments or {}),
                    )
                )
            case commands.Basic.Consume():
                channel.asked.append(method)
                if method.nowait:
                    self._consumes(event, key, channel, method.consumer_tag or "")
                elif method.consumer_tag:
                    channel.consumers[method.consumer_tag] = self._consumer(event, key, channel, method)
            case commands.Basic.Get():
                queue = method.queue or channel.declared
                fetch = Fetch(event.who, event.at, queue, bool(method.no_ack))
                channel.fetching.append(fetch)
                self.ledger.fetches.append(fetch)
            case commands.Confirm.Select():
                channel.confirming = True
            case commands.Tx.Select():
                channel.transaction = []
            case commands.Basic.Publish():
                self._published(event, wire, method, key, channel)
            case commands.Basic.Ack() | commands.Basic.Nack() | commands.Basic.Reject():
                self._settle(event, wire.name, method, channel)
            case commands.Basic.Recover():
                for delivery in channel.held.values():
                    delivery.returned_at = event.at
                channel.held.clear()
            case commands.Channel.Close() | commands.Connection.Close():
                self._closed(event, wire, method, key, channel)

    def _from_broker(
        self, event: Event, wire: WireEvent, method: Any, key: Channel, channel: _Channel
    ) -> None:
        match method:
            case commands.Queue.DeclareOk():
                channel.looking = False
                channel.declared = method.queue or ""
            case commands.Basic.ConsumeOk():
                self._consumes(event, key, channel, method.consumer_tag or "")
            case commands.Basic.Deliver():
                taker = channel.consumers.get(method.consumer_tag or "")
                self._delivered(event, wire, method, key, channel, taker, method.consumer_tag or "")
            case commands.Basic.GetOk():
                self._delivered(
                    event, wire, method, key, channel, channel.fetching.pop(0) if channel.fetching else None
                )
            case commands.Basic.GetEmpty():
                if channel.fetching:
                    channel.fetching.pop(0)
            case commands.Basic.Ack() | commands.Basic.Nack():
                number, multiple = method.delivery_tag, bool(method.multiple)
                self.ledger.answers.append(Answer(event.who, key, event.at, wire.name, number, multiple))
                self._confirm(event, wire.name, method, channel)
            case commands.Basic.Cancel():
                tag = method.consumer_tag or ""
                self.ledger.cancellations.append(Cancellation(event.who, key, event.at, tag))
            case commands.Basic.Return():
                body = wire.content.body if wire.content is not None else b""
                self.ledger.answers.append(
                    Answer(event.who, key, event.at, wire.name, code=method.reply_code or 0, body=body)
                )
            case commands.Tx.CommitOk() | commands.Tx.RollbackOk():
                self._transacted(event, wire.name, channel)
            case commands.Channel.Close() | commands.Connection.Close():
                self._closed(event, wire, method, key, channel)

    def _greeted(self, connection: Connection, **more: Any) -> None:
        """More is known of the connection's greeting."""
        greetings = self.ledger.greetings
        for number in range(len(greetings) - 1, -1, -1):
            if greetings[number].connection == connection:
                greetings[number] = replace(greetings[number], **more)
                return

    def _consumes(self, event: Event, key: Channel, channel: _Channel, tag: str) -> None:
        asked = channel.asked.pop(0) if channel.asked else commands.Basic.Consume()
        channel.consumers[tag] = replace(self._consumer(event, key, channel, asked), tag=tag)
        self.ledger.consumers.append(channel.consumers[tag])

    def _consumer(
        self, event: Event, key: Channel, channel: _Channel, asked: commands.Basic.Consume
    ) -> Consumer:
        queue, tag = asked.queue or channel.declared, asked.consumer_tag or ""
        return Consumer(event.who, key, event.at, queue, tag, bool(asked.no_ack), bool(asked.exclusive))

    def _delivered(
        self,
        event: Event,
        wire: WireEvent,
        method: commands.Basic.Deliver | commands.Basic.GetOk,
        key: Channel,
        channel: _Channel,
        taker: Consumer | Fetch | None,
        consumer_tag: str | None = None,
    ) -> None:
        if wire.content is None:
            return
        delivery = Delivery(
            event.who,
            key,
            taker.queue if taker is not None else "",
            method.delivery_tag or 0,
            event.at,
            wire.content.body,
            wire.content.properties,
            bool(method.redelivered),
            taker is not None and taker.no_ack,
            consumer_tag,
        )
        self.ledger.deliveries.append(delivery)
        if not delivery.no_ack:
            channel.held[delivery.tag] = delivery

    def _published(
        self, event: Event, wire: WireEvent, method: commands.Basic.Publish, key: Channel, channel: _Channel
    ) -> None:
        if wire.content is None:
            return
        number = None
        if channel.confirming:
            channel.published += 1
            number = channel.published
        publication = Publication(
            event.who,
            key,
            event.at,
            method.exchange,
            method.routing_key,
            bool(method.mandatory),
            wire.content.body,
            wire.content.properties,
            number,
        )
        self.ledger.publications.append(publication)
        if number is not None:
            channel.unconfirmed[number] = publication
        if channel.transaction is not None:
            channel.transaction.append(publication)

    def _settle(
        self,
        event: Event,
        name: str,
        method: commands.Basic.Ack | commands.Basic.Nack | commands.Basic.Reject,
        channel: _Channel,
    ) -> None:
        tag = method.delivery_tag or 0
        multiple = not isinstance(method, commands.Basic.Reject) and bool(method.multiple)
        if multiple:
            tags = [held for held in channel.held if tag == 0 or held <= tag]
        else:
            tags = [tag] if tag in channel.held else []
        for each in tags:
            delivery = channel.held.pop(each)
            delivery.settled_by, delivery.settled_at, delivery.together = name, event.at, len(tags)
            delivery.requeued = not isinstance(method, commands.Basic.Ack) and bool(method.requeue)
            channel.settled.add(each)
        legal_though_empty = multiple and tag == 0
        if not tags and channel.open and not legal_though_empty:
            why = "was settled before" if tag in channel.settled else NEVER_DELIVERED
            self.ledger.strays.append(Stray(event.who, event.at, name, tag, why))

    def _confirm(
        self, event: Event, name: str, method: commands.Basic.Ack | commands.Basic.Nack, channel: _Channel
    ) -> None:
        last = method.delivery_tag or 0
        numbers = [
            n for n in channel.unconfirmed if n == last or (method.multiple and (n < last or last == 0))
        ]
        for number in numbers:
            publication = channel.unconfirmed.pop(number)
            publication.confirmed_by, publication.confirmed_at = name, event.at

    def _transacted(self, event: Event, name: str, channel: _Channel) -> None:
        for publication in channel.transaction or []:
            if name == "Tx.CommitOk":
                publication.confirmed_by, publication.confirmed_at = name, event.at
        channel.transaction = []

    def _closed(
        self,
        event: Event,
        wire: WireEvent,
        method: commands.Channel.Close | commands.Connection.Close,
        key: Channel,
        channel: _Channel,
    ) -> None:
        whole = isinstance(method, commands.Connection.Close)
        assert wire.sender is not None
        self.ledger.closed.append(
            Closed(
                event.who,
                event.at,
                wire.sender,
                whole,
                method.reply_code or 0,
                method.reply_text,
                of_a_look=channel.looking and method.reply_code == NOT_FOUND,
            )
        )
        if whole:
            self._end_connection(key[:2], event.at)
        else:
            _end(channel, event.at)

    def _end_connection(self, connection: Connection, at: float) -> None:
        for key, channel in self.channels.items():
            if key[:2] == connection:
                _end(channel, at)


def _end(channel: _Channel, at: float) -> None:
    channel.open = False
    for delivery in channel.held.values():
        delivery.returned_at = at
    channel.held.clear()
