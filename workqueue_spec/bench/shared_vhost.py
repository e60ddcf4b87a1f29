"""Queues with a prefix in a virtual host that others use too, for a broker at which we may make no virtual host."""

import contextlib
import dataclasses
from collections.abc import Iterator

import pika
import pika.exceptions
from pamqp import commands

from ..broker import Address, Broker
from ..broker.control import connection_parameters
from ..wiretap import LoopThread, Side, Upstream, WireEvent, with_prefix


def upstream(address: Address, *, number: int = 0) -> Upstream:
    """Where a tap connects to reach the broker, with TLS if its URL asks for TLS. In a cluster it tries the nodes
    in turn, from the one with this number on.
    """
    nodes = list(address.nodes())
    at = number % len(nodes)
    first = Address.of_cluster(nodes[at:] + nodes[:at])
    return Upstream(first.host, first.port, first.tls_context(), first.host, first.others)


@contextlib.contextmanager
def shared_vhost(loop_thread: LoopThread, broker: Broker, prefix: str) -> Iterator[Address]:
    """An address in front of the broker. Queues and exchanges that are declared through it get this prefix.

    If the broker is not ours, they are deleted in the end, and nothing else is.
    """
    made: set[tuple[str, str]] = set()

    def note(event: WireEvent) -> None:
        if event.sender is not Side.CLIENT:
            return
        match event.method:
            case commands.Queue.Declare(passive=False, queue=name):
                made.add(("queue", name or ""))
            case commands.Exchange.Declare(passive=False, exchange=name):
                made.add(("exchange", name or ""))

    tap = loop_thread.tap(upstream(broker.address), note)
    tap.rewrite(with_prefix(prefix))
    try:
        yield dataclasses.replace(broker.address, host=tap.host, port=tap.port, tls=False, others=())
    finally:
        tap.close()
        if not broker.ours:
            _delete(broker, {(kind, name) for kind, name in made if name.startswith(prefix)})


def _delete(broker: Broker, made: set[tuple[str, str]]) -> None:
    if not made:
        return
    with pika.BlockingConnection(connection_parameters(broker.address, broker.virtual_host)) as connection:
        for kind, name in made:
            # It may be deleted already; if it was exclusive, its connection may be about to end.
            with contextlib.suppress(pika.exceptions.AMQPChannelError):
                channel = connection.channel()
                (channel.queue_delete if kind == "queue" else channel.exchange_delete)(name)
                channel.close()
