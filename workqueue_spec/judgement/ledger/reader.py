"""Reads the events of the wire, one by one, into a ledger.

How it works: the reader keeps the state of each channel (what is held, what waits for a confirm, which consumers
there are). For each method it adds an entry to the ledger or completes one: an acknowledgement settles a delivery,
a confirm completes a publication. When a channel or connection ends, the broker takes back what is held there. The
time that an event takes does not grow with the number of events before it.
What is ugly: a reply does not name its request, so the reader pairs them by their order on the channel (`fetching`,
`asked`). A consumer whose tag the client chose is known before the broker's consume-ok, since deliveries may come
first; one whose tag the broker chose only after it. And a method that names no queue means the last declared one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from pamqp import commands

from ...wiretap import Content, Side, WireEvent
from ..event import Event
from .channels import ChannelState
from .entries import (
    Cancellation,
    Channel,
    Closed,
    Connection,
    Consumer,
    Declaration,
    Delivery,
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


@dataclass(slots=True)
class _Seen:
    """A method that was seen on a channel."""

    event: Event
    wire: WireEvent
    method: Any
    """Of pamqp; which class, the name of the wire event tells."""
    key: Channel
    channel: ChannelState


class Reader:
    """Reads events into its ledger, which is up to date after each event."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._connections: dict[Connection, dict[int, ChannelState]] = {}
        self._greetings: dict[Connection, Greeting] = {}
        self._last: tuple[Channel, ChannelState] | None = None
        """The channel of the last event: the next event is often on the same."""

    def read(self, event: Event) -> None:
        """Takes up one event."""
        wire = event.wire
        if wire is None:
            return
        if wire.sender is None:
            if wire.name in _ENDS:
                self._end_connection((event.who, wire.connection), event.at)
            return
        take = (_FROM_CLIENT if wire.sender is Side.CLIENT else _FROM_BROKER).get(wire.name)
        if take is not None and (method := wire.method) is not None:
            take(self, _Seen(event, wire, method, *self._channel(event.who, wire)))

    def _channel(self, who: str, wire: WireEvent) -> tuple[Channel, ChannelState]:
        key = (who, wire.connection, wire.channel)
        if self._last is None or self._last[0] != key:
            channels = self._connections.setdefault(key[:2], {})
            if key[2] not in channels:
                channels[key[2]] = ChannelState()
            self._last = key, channels[key[2]]
        return self._last

    # Connections and channels

    def _greeting(self, seen: _Seen) -> None:
        capabilities = (seen.method.client_properties or {}).get("capabilities")
        known = capabilities if isinstance(capabilities, dict) else {}
        greeting = Greeting(seen.event.who, seen.key[:2], seen.event.at, known)
        self._greetings[seen.key[:2]] = greeting
        self.ledger.greetings.append(greeting)

    def _tuned(self, seen: _Seen) -> None:
        if seen.key[:2] in self._greetings:
            self._greetings[seen.key[:2]].heartbeat = seen.method.heartbeat

    def _opened(self, seen: _Seen) -> None:
        self._connections[seen.key[:2]][seen.key[2]] = ChannelState()
        self._last = None

    def _closed(self, seen: _Seen) -> None:
        whole = isinstance(seen.method, commands.Connection.Close)
        assert seen.wire.sender is not None
        self.ledger.closed.append(
            Closed(
                who=seen.event.who,
                at=seen.event.at,
                by=seen.wire.sender,
                whole_connection=whole,
                code=seen.method.reply_code or 0,
                text=seen.method.reply_text,
                because_of=((seen.method.class_id or 0) << 16) + (seen.method.method_id or 0),
                of_passive_declare=seen.channel.declares_passively and seen.method.reply_code == NOT_FOUND,
            )
        )
        if whole:
            self._end_connection(seen.key[:2], seen.event.at)
        else:
            seen.channel.end(seen.event.at)

    def _end_connection(self, connection: Connection, at: float) -> None:
        for state in self._connections.get(connection, {}).values():
            state.end(at)

    # Queues

    def _removed(self, seen: _Seen) -> None:
        self.ledger.removals.append(Removal(seen.event.who, seen.event.at, seen.wire.name, seen.method.queue))

    def _declared(self, seen: _Seen) -> None:
        seen.channel.declares_passively = bool(seen.method.passive)
        self.ledger.declarations.append(
            Declaration(
                who=seen.event.who,
                at=seen.event.at,
                queue=seen.method.queue,
                passive=bool(seen.method.passive),
                durable=bool(seen.method.durable),
                exclusive=bool(seen.method.exclusive),
                auto_delete=bool(seen.method.auto_delete),
                arguments=dict(seen.method.arguments or {}),
            )
        )

    def _declared_ok(self, seen: _Seen) -> None:
        seen.channel.declares_passively = False
        seen.channel.declared = seen.method.queue or ""

    # Consumers, fetches and deliveries

    def _subscribes(self, seen: _Seen) -> None:
        seen.channel.asked.append(seen.method)
        if seen.method.nowait:
            self._subscribed(seen)
        elif seen.method.consumer_tag:
            seen.channel.consumers[seen.method.consumer_tag] = _consumer(seen, seen.method)

    def _subscribed(self, seen: _Seen) -> None:
        asked = seen.channel.asked.popleft() if seen.channel.asked else commands.Basic.Consume()
        tag = seen.method.consumer_tag or ""
        seen.channel.consumers[tag] = replace(_consumer(seen, asked), tag=tag)
        self.ledger.consumers.append(seen.channel.consumers[tag])

    def _cancelled(self, seen: _Seen) -> None:
        tag = seen.method.consumer_tag or ""
        self.ledger.cancellations.append(Cancellation(seen.event.who, seen.key, seen.event.at, tag))

    def _fetches(self, seen: _Seen) -> None:
        fetch = Fetch(
            seen.event.who,
            seen.event.at,
            seen.method.queue or seen.channel.declared,
            bool(seen.method.no_ack),
        )
        seen.channel.fetching.append(fetch)
        self.ledger.fetches.append(fetch)

    def _fetched(self, seen: _Seen) -> None:
        fetch = seen.channel.fetching.popleft() if seen.channel.fetching else None
        if seen.wire.content is not None:
            self._deliver(seen, seen.wire.content, fetch)

    def _fetched_none(self, seen: _Seen) -> None:
        if seen.channel.fetching:
            seen.channel.fetching.popleft()

    def _pushed(self, seen: _Seen) -> None:
        if seen.wire.content is not None:
            tag = seen.method.consumer_tag or ""
            source = seen.channel.consumers.get(tag)
            self._deliver(seen, seen.wire.content, source, tag)

    def _deliver(
        self, seen: _Seen, content: Content, source: Consumer | Fetch | None, consumer_tag: str | None = None
    ) -> None:
        delivery = Delivery(
            who=seen.event.who,
            channel=seen.key,
            queue=source.queue if source is not None else "",
            tag=seen.method.delivery_tag or 0,
            at=seen.event.at,
            body=content.body,
            properties=content.properties,
            redelivered=bool(seen.method.redelivered),
            no_ack=source is not None and source.no_ack,
            consumer_tag=consumer_tag,
            exchange=seen.method.exchange,
            routing_key=seen.method.routing_key or "",
        )
        self.ledger.deliveries.append(delivery)
        if not delivery.no_ack:
            seen.channel.held.add(delivery.tag, delivery)

    def _settles(self, seen: _Seen) -> None:
        tag = seen.method.delivery_tag or 0
        multiple = not isinstance(seen.method, commands.Basic.Reject) and bool(seen.method.multiple)
        requeued = not isinstance(seen.method, commands.Basic.Ack) and bool(seen.method.requeue)
        settled = seen.channel.held.take(tag, multiple)
        for each, delivery in settled:
            delivery.settled_by, delivery.settled_at = seen.wire.name, seen.event.at
            delivery.settled_together, delivery.requeued = len(settled), requeued
            seen.channel.settled.add(each)
        legal_though_empty = multiple and tag == 0
        if not settled and seen.channel.open and not legal_though_empty:
            why = "was settled before" if tag in seen.channel.settled else NEVER_DELIVERED
            self.ledger.strays.append(Stray(seen.event.who, seen.event.at, seen.wire.name, tag, why))

    def _recovers(self, seen: _Seen) -> None:
        seen.channel.take_back(seen.event.at)

    # Publications and replies

    def _confirms(self, seen: _Seen) -> None:
        seen.channel.confirming = True

    def _transacts(self, seen: _Seen) -> None:
        seen.channel.transaction = []

    def _published(self, seen: _Seen) -> None:
        if seen.wire.content is None:
            return
        number = None
        if seen.channel.confirming:
            seen.channel.published += 1
            number = seen.channel.published
        publication = Publication(
            who=seen.event.who,
            channel=seen.key,
            at=seen.event.at,
            exchange=seen.method.exchange,
            routing_key=seen.method.routing_key,
            mandatory=bool(seen.method.mandatory),
            body=seen.wire.content.body,
            properties=seen.wire.content.properties,
            number=number,
            transacted=seen.channel.transaction is not None,
        )
        self.ledger.publications.append(publication)
        if number is not None:
            seen.channel.unconfirmed.add(number, publication)
        if seen.channel.transaction is not None:
            seen.channel.transaction.append(publication)

    def _confirmed(self, seen: _Seen) -> None:
        multiple = bool(seen.method.multiple)
        self.ledger.replies.append(
            Reply(
                who=seen.event.who,
                channel=seen.key,
                at=seen.event.at,
                what=seen.wire.name,
                number=seen.method.delivery_tag,
                multiple=multiple,
            )
        )
        for _, publication in seen.channel.unconfirmed.take(seen.method.delivery_tag or 0, multiple):
            publication.confirmed_by, publication.confirmed_at = seen.wire.name, seen.event.at

    def _returned(self, seen: _Seen) -> None:
        content = seen.wire.content or Content(commands.Basic.Properties(), b"")
        self.ledger.replies.append(
            Reply(
                who=seen.event.who,
                channel=seen.key,
                at=seen.event.at,
                what=seen.wire.name,
                code=seen.method.reply_code or 0,
                exchange=seen.method.exchange,
                routing_key=seen.method.routing_key or "",
                body=content.body,
                properties=content.properties,
            )
        )

    def _transacted(self, seen: _Seen) -> None:
        for publication in seen.channel.transaction or []:
            if seen.wire.name == "Tx.CommitOk":
                publication.confirmed_by, publication.confirmed_at = seen.wire.name, seen.event.at
        seen.channel.transaction = []


def _consumer(seen: _Seen, asked: commands.Basic.Consume) -> Consumer:
    return Consumer(
        who=seen.event.who,
        channel=seen.key,
        at=seen.event.at,
        queue=asked.queue or seen.channel.declared,
        tag=asked.consumer_tag or "",
        no_ack=bool(asked.no_ack),
        exclusive=bool(asked.exclusive),
    )


_Take = Callable[[Reader, _Seen], None]

_FROM_CLIENT: dict[str, _Take] = {
    "Connection.StartOk": Reader._greeting,
    "Connection.TuneOk": Reader._tuned,
    "Connection.Close": Reader._closed,
    "Channel.Open": Reader._opened,
    "Channel.Close": Reader._closed,
    "Queue.Declare": Reader._declared,
    "Queue.Purge": Reader._removed,
    "Queue.Delete": Reader._removed,
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
