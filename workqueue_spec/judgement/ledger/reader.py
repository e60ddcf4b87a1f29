"""Reads the events of the wire, one by one, into a ledger.

How it works: the reader keeps the state of each channel (what is held, what waits for a confirm, which consumers
there are). For each method it adds an entry to the ledger or completes one: an acknowledgement settles a delivery,
a confirm completes a publication. When a channel or connection ends, the broker takes back what is held there. The
time that an event takes does not grow with the number of events before it.
What is ugly: a reply does not name its request, so the reader pairs them by their order on the channel (`fetching`,
`asked`). A consumer whose tag the client chose is known before the broker's consume-ok, since deliveries may come
first; one whose tag the broker chose only after it. And a method that names no queue means the last declared one.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

from pamqp import commands

from ...wiretap import Content, Side, WireEvent
from ..event import Event
from .channels import ChannelState
from .entries import (
    Binding,
    Cancellation,
    Channel,
    Closed,
    Connection,
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
from .ledger import Ledger

NEVER_DELIVERED = "was never delivered on this channel"
"""Why a settlement is a stray: its tag may belong to a delivery on another channel, but to none on this one."""

NOT_FOUND = 404
"""AMQP's reply code for a queue that does not exist."""

_ENDS = frozenset({"Tap.Disconnected", "Tap.Cut"})


def ledger(events: Iterable[Event], who: str | None = None) -> Ledger:
    """Reads the events of one party, or of all parties if `who` is None."""
    reader = Reader()
    for event in events:
        if who is None or event.who == who:
            reader.read(event)
    return reader.ledger


class Reader:
    """Reads events into its ledger, which is up to date after each event."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._channels: dict[Channel, ChannelState] = {}
        self._connections: dict[Connection, dict[Channel, ChannelState]] = {}
        self._greetings: dict[Connection, Greeting] = {}
        self.given_up: list[Delivery] = []
        """The deliveries that a client held until the last event: it settled them, or the broker took them back."""
        self.replied: list[Publication] = []
        """The publications that the last event confirmed or refused."""

    def read(self, event: Event) -> None:
        """Takes up one event."""
        if self.given_up or self.replied:
            self.given_up, self.replied = [], []
        wire = event.wire
        if wire is None:
            return
        sender = wire.sender
        if sender is None:
            if wire.name in _ENDS:
                self._end_connection((event.who, wire.connection), event.at)
            return
        take = (_FROM_CLIENT if sender is Side.CLIENT else _FROM_BROKER).get(wire.name)
        if take is not None and (method := wire.method) is not None:
            key = (event.who, wire.connection, wire.channel)
            take(self, event, wire, method, self._channels.get(key) or self._new_channel(key))

    def _new_channel(self, key: Channel) -> ChannelState:
        channel = ChannelState(key)
        self._channels[key] = channel
        self._connections.setdefault(channel.connection, {})[key] = channel
        return channel

    # Connections and channels

    def _greeting(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        capabilities = (method.client_properties or {}).get("capabilities")
        known = capabilities if isinstance(capabilities, dict) else {}
        greeting = Greeting(event.who, channel.connection, event.at, known)
        self._greetings[channel.connection] = greeting
        self.ledger.greetings.append(greeting)

    def _offered(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        if channel.connection in self._greetings:
            self._greetings[channel.connection].frame_max_offered = method.frame_max

    def _tuned(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        if channel.connection in self._greetings:
            self._greetings[channel.connection].heartbeat = method.heartbeat
            self._greetings[channel.connection].frame_max = method.frame_max

    def _opened(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        self._new_channel(channel.key)

    def _closed(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        whole = wire.name == "Connection.Close"
        assert wire.sender is not None
        self.ledger.closed.append(
            Closed(
                who=event.who,
                at=event.at,
                by=wire.sender,
                whole_connection=whole,
                code=method.reply_code or 0,
                text=method.reply_text,
                because_of=((method.class_id or 0) << 16) + (method.method_id or 0),
                of_passive_declare=channel.declares_passively and method.reply_code == NOT_FOUND,
            )
        )
        if whole:
            self._end_connection(channel.connection, event.at)
        else:
            self.given_up += channel.end(event.at)

    def _end_connection(self, connection: Connection, at: float) -> None:
        for channel in self._connections.get(connection, {}).values():
            self.given_up += channel.end(at)

    # Queues and exchanges

    def _removed(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        self.ledger.removals.append(Removal(event.who, event.at, wire.name, method.queue))

    def _declared(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        channel.declares_passively = bool(method.passive)
        self.ledger.declarations.append(
            Declaration(
                who=event.who,
                at=event.at,
                queue=method.queue,
                passive=bool(method.passive),
                durable=bool(method.durable),
                exclusive=bool(method.exclusive),
                auto_delete=bool(method.auto_delete),
                arguments=dict(method.arguments or {}),
            )
        )

    def _declared_ok(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        channel.declares_passively = False
        channel.declared = method.queue or ""

    def _declared_exchange(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        if not method.passive:
            self.ledger.exchanges.append(
                Exchange(event.who, event.at, name=method.exchange, type=method.exchange_type)
            )

    def _bound(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        of_queue = wire.name == "Queue.Bind"
        self.ledger.bindings.append(
            Binding(
                who=event.who,
                at=event.at,
                exchange=method.exchange if of_queue else method.source,
                routing_key=method.routing_key,
                queue=(method.queue or channel.declared) if of_queue else None,
            )
        )

    # Consumers, fetches and deliveries

    def _subscribes(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        channel.asked.append(method)
        if method.nowait:
            self._subscribed(event, wire, method, channel)
        elif method.consumer_tag:
            channel.consumers[method.consumer_tag] = _consumer(event, channel, method)

    def _subscribed(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        asked = channel.asked.popleft() if channel.asked else commands.Basic.Consume()
        tag = method.consumer_tag or ""
        channel.consumers[tag] = replace(_consumer(event, channel, asked), tag=tag)
        self.ledger.consumers.append(channel.consumers[tag])

    def _cancelled(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        tag = method.consumer_tag or ""
        self.ledger.cancellations.append(Cancellation(event.who, channel.key, event.at, tag))

    def _fetches(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        fetch = Fetch(
            event.who,
            event.at,
            method.queue or channel.declared,
            bool(method.no_ack),
        )
        channel.fetching.append(fetch)
        self.ledger.fetches.append(fetch)

    def _fetched(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        fetch = channel.fetching.popleft() if channel.fetching else None
        self._deliver(event, wire, method, channel, source=fetch)

    def _fetched_none(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        if channel.fetching:
            channel.fetching.popleft()

    def _pushed(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        tag = method.consumer_tag or ""
        self._deliver(event, wire, method, channel, source=channel.consumers.get(tag), consumer_tag=tag)

    def _deliver(
        self,
        event: Event,
        wire: WireEvent,
        method: commands.Basic.Deliver | commands.Basic.GetOk,
        channel: ChannelState,
        *,
        source: Consumer | Fetch | None,
        consumer_tag: str | None = None,
    ) -> None:
        content = wire.content
        if content is None:
            return
        delivery = Delivery(
            who=event.who,
            channel=channel.key,
            queue=source.queue if source is not None else "",
            tag=method.delivery_tag or 0,
            at=event.at,
            body=content.body,
            properties=content.properties,
            redelivered=bool(method.redelivered),
            no_ack=source is not None and source.no_ack,
            consumer_tag=consumer_tag,
            exchange=method.exchange,
            routing_key=method.routing_key or "",
        )
        self.ledger.deliveries.append(delivery)
        if not delivery.no_ack:
            channel.held.add(delivery.tag, delivery)

    def _settles(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        tag = method.delivery_tag or 0
        multiple = wire.name != "Basic.Reject" and bool(method.multiple)
        requeued = wire.name != "Basic.Ack" and bool(method.requeue)
        settled = channel.held.take(tag, multiple)
        for each, delivery in settled:
            delivery.settled_by, delivery.settled_at = wire.name, event.at
            delivery.settled_together, delivery.requeued = len(settled), requeued
            channel.settled.add(each)
            self.given_up.append(delivery)
        legal_though_empty = multiple and tag == 0
        if not settled and channel.open and not legal_though_empty:
            why = "was settled before" if tag in channel.settled else NEVER_DELIVERED
            self.ledger.strays.append(Stray(event.who, event.at, wire.name, tag, why))

    def _recovers(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        self.given_up += channel.take_back(event.at)

    # Publications and replies

    def _confirms(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        channel.confirming = True

    def _transacts(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        channel.transaction = []

    def _published(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        if wire.content is None:
            return
        number = None
        if channel.confirming:
            channel.published += 1
            number = channel.published
        publication = Publication(
            who=event.who,
            channel=channel.key,
            at=event.at,
            exchange=method.exchange,
            routing_key=method.routing_key,
            mandatory=bool(method.mandatory),
            body=wire.content.body,
            properties=wire.content.properties,
            number=number,
            transacted=channel.transaction is not None,
        )
        self.ledger.publications.append(publication)
        if number is not None:
            channel.unconfirmed.add(number, publication)
        if channel.transaction is not None:
            channel.transaction.append(publication)

    def _confirmed(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        multiple = bool(method.multiple)
        self.ledger.replies.append(
            Reply(
                who=event.who,
                channel=channel.key,
                at=event.at,
                what=wire.name,
                number=method.delivery_tag,
                multiple=multiple,
            )
        )
        for _, publication in channel.unconfirmed.take(method.delivery_tag or 0, multiple):
            publication.confirmed_by, publication.confirmed_at = wire.name, event.at
            self.replied.append(publication)

    def _returned(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        content = wire.content or Content(commands.Basic.Properties(), b"")
        self.ledger.replies.append(
            Reply(
                who=event.who,
                channel=channel.key,
                at=event.at,
                what=wire.name,
                code=method.reply_code or 0,
                exchange=method.exchange,
                routing_key=method.routing_key or "",
                body=content.body,
                properties=content.properties,
            )
        )

    def _transacted(self, event: Event, wire: WireEvent, method: Any, channel: ChannelState) -> None:
        for publication in channel.transaction or []:
            if wire.name == "Tx.CommitOk":
                publication.confirmed_by, publication.confirmed_at = wire.name, event.at
                self.replied.append(publication)
        channel.transaction = []


_ENDED_KEPT = 1000
"""How many connections that have ended a `PassingReader` knows: a side may have had something under way."""


class PassingReader(Reader):
    """A reader for a history of any length: its ledger holds what the last event has added, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self._ended: deque[Connection] = deque()
        self._kinds: list[list[Any]] = [getattr(self.ledger, each.name) for each in fields(self.ledger)]

    def read(self, event: Event) -> None:
        """Takes up one event, and forgets what the event before it has added."""
        for entries in self._kinds:
            if entries:
                entries.clear()
        super().read(event)
        wire = event.wire
        if wire is not None and wire.sender is None and wire.name in _ENDS:
            self._ended.append((event.who, wire.connection))
            if len(self._ended) > _ENDED_KEPT:
                self._forget(self._ended.popleft())

    def is_open(self, channel: Channel) -> bool:
        """Whether the channel is open, as far as the events tell."""
        return channel in self._channels and self._channels[channel].open

    def _forget(self, connection: Connection) -> None:
        for key in self._connections.pop(connection, {}):
            self._channels.pop(key, None)
        self._greetings.pop(connection, None)


def _consumer(event: Event, channel: ChannelState, asked: commands.Basic.Consume) -> Consumer:
    return Consumer(
        who=event.who,
        channel=channel.key,
        at=event.at,
        queue=asked.queue or channel.declared,
        tag=asked.consumer_tag or "",
        no_ack=bool(asked.no_ack),
        exclusive=bool(asked.exclusive),
    )


_Take = Callable[[Reader, Event, WireEvent, Any, ChannelState], None]

_FROM_CLIENT: dict[str, _Take] = {
    "Connection.StartOk": Reader._greeting,
    "Connection.TuneOk": Reader._tuned,
    "Connection.Close": Reader._closed,
    "Channel.Open": Reader._opened,
    "Channel.Close": Reader._closed,
    "Queue.Declare": Reader._declared,
    "Queue.Bind": Reader._bound,
    "Queue.Purge": Reader._removed,
    "Queue.Delete": Reader._removed,
    "Exchange.Declare": Reader._declared_exchange,
    "Exchange.Bind": Reader._bound,
    "Basic.Consume": Reader._subscribes,
    "Basic.Get": Reader._fetches,
    "Basic.Ack": Reader._settles,
    "Basic.Nack": Reader._settles,
    "Basic.Reject": Reader._settles,
    "Basic.Recover": Reader._recovers,
    "Basic.Publish": Reader._published,
    "Confirm.Select": Reader._confirms,
    "Tx.Select": Reader._transacts,
}
_FROM_BROKER: dict[str, _Take] = {
    "Connection.Tune": Reader._offered,
    "Connection.Close": Reader._closed,
    "Channel.Close": Reader._closed,
    "Channel.Open": Reader._opened,
    "Queue.DeclareOk": Reader._declared_ok,
    "Basic.ConsumeOk": Reader._subscribed,
    "Basic.Deliver": Reader._pushed,
    "Basic.GetOk": Reader._fetched,
    "Basic.GetEmpty": Reader._fetched_none,
    "Basic.Ack": Reader._confirmed,
    "Basic.Nack": Reader._confirmed,
    "Basic.Return": Reader._returned,
    "Basic.Cancel": Reader._cancelled,
    "Tx.CommitOk": Reader._transacted,
    "Tx.RollbackOk": Reader._transacted,
}
