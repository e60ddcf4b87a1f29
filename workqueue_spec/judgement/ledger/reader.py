"""Reads the events of the wire as what they mean for messages: published, delivered, settled, returned."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pamqp import commands

from ...wiretap import Content, Side, WireEvent
from ..history import Event
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
"""Why a settlement is a stray: its tag may be that of a delivery on another channel, but of none on this one."""

NOT_FOUND = 404
"""AMQP's reply code for a queue that is not there."""


def ledger(events: Iterable[Event], who: str | None = None) -> Ledger:
    """Reads the events, those of one party or of all."""
    reader = _Reader()
    for event in events:
        if event.wire is not None and (who is None or event.who == who):
            reader.read(event, event.wire)
    return reader.ledger


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
            case commands.Exchange.Declare() if not method.passive:
                self.ledger.exchanges.append(
                    Exchange(event.who, event.at, method.exchange, method.exchange_type)
                )
            case commands.Queue.Bind():
                bound = (method.exchange, method.routing_key, method.queue or channel.declared)
                self.ledger.bindings.append(Binding(event.who, event.at, *bound))
            case commands.Exchange.Bind():
                self.ledger.bindings.append(
                    Binding(event.who, event.at, method.source, method.routing_key, None)
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
                self.ledger.replies.append(Reply(event.who, key, event.at, wire.name, number, multiple))
                self._confirm(event, wire.name, method, channel)
            case commands.Basic.Cancel():
                tag = method.consumer_tag or ""
                self.ledger.cancellations.append(Cancellation(event.who, key, event.at, tag))
            case commands.Basic.Return():
                self._returned(event, wire, method, key)
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
            method.exchange,
            method.routing_key or "",
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
            channel.transaction is not None,
        )
        self.ledger.publications.append(publication)
        if number is not None:
            channel.unconfirmed[number] = publication
        if channel.transaction is not None:
            channel.transaction.append(publication)

    def _returned(self, event: Event, wire: WireEvent, method: commands.Basic.Return, key: Channel) -> None:
        content = wire.content or Content(commands.Basic.Properties(), b"")
        self.ledger.replies.append(
            Reply(
                event.who,
                key,
                event.at,
                wire.name,
                code=method.reply_code or 0,
                exchange=method.exchange,
                routing_key=method.routing_key or "",
                body=content.body,
                properties=content.properties,
            )
        )

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
