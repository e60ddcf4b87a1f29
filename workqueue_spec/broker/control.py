"""The suite's own connection to the broker, without a tap: it counts a queue's messages, and deletes queues."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NoReturn

import pika
import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel

from ..timeouts import EVENTUALLY
from .address import Address

NOT_FOUND = 404
"""AMQP's reply code for something that does not exist."""


class Unanswered(Exception):
    """The broker did not answer the suite's own connection in time."""


@dataclass(frozen=True)
class Counts:
    """What a passive declaration tells about a queue: its ready messages and its consumers."""

    ready: int
    consumers: int


def connection_parameters(address: Address, virtual_host: str) -> list[pika.ConnectionParameters]:
    """How pika connects to this address directly: to the first node that answers, if it is a cluster."""
    return [_parameters(node, virtual_host) for node in address.nodes()]


def _parameters(address: Address, virtual_host: str) -> pika.ConnectionParameters:
    parameters = pika.URLParameters(address.url(virtual_host))
    if (context := address.tls_context()) is not None:
        parameters.ssl_options = pika.SSLOptions(context, address.host)
    return parameters


class Control:
    """A direct connection to the broker, to inspect one virtual host."""

    def __init__(self, address: Address, virtual_host: str) -> None:
        self._address = address
        self.virtual_host = virtual_host
        self._connection: pika.BlockingConnection | None = None

    @contextmanager
    def channel(self) -> Iterator[BlockingChannel]:
        """A channel for the block. The connection is made again if the broker was restarted.

        Raises Unanswered if the broker does not answer in time.
        """
        channel = self._open()
        with self._in_time(channel.connection):
            try:
                yield channel
            finally:
                if channel.is_open and self._connection is not None:
                    channel.close()

    def _open(self) -> BlockingChannel:
        if self._connection is not None:
            try:
                with self._in_time(self._connection) as connection:
                    return connection.channel()
            except pika.exceptions.AMQPError:
                self._connection = None
        parameters = connection_parameters(self._address, self.virtual_host)
        for each in parameters:
            # The connection is idle while a test waits for something else, so it could not answer heartbeats.
            each.heartbeat = 0
        self._connection = pika.BlockingConnection(parameters)
        with self._in_time(self._connection) as connection:
            return connection.channel()

    @contextmanager
    def _in_time(self, connection: pika.BlockingConnection) -> Iterator[pika.BlockingConnection]:
        def give_up() -> NoReturn:
            self._connection = None
            raise Unanswered(f"it did not answer the suite's own connection within {EVENTUALLY:.0f} s")

        # pika waits for the broker's answer without a limit.
        timer = connection._impl._adapter_call_later(EVENTUALLY, give_up) if connection.is_open else None
        try:
            yield connection
        finally:
            if timer is not None and connection.is_open:
                connection._impl._adapter_remove_timeout(timer)

    def counts(self, queue: str) -> Counts | None:
        """The queue's counts; None if there is no such queue, or if another connection owns it exclusively."""
        try:
            with self.channel() as channel:
                declared = channel.queue_declare(queue, passive=True).method
                return Counts(declared.message_count, declared.consumer_count)
        except pika.exceptions.ChannelClosedByBroker as refusal:
            if refusal.reply_code not in (NOT_FOUND, 405):
                raise
            return None

    def has_exchange(self, name: str) -> bool:
        """Whether an exchange with this name exists."""
        try:
            with self.channel() as channel:
                channel.exchange_declare(name, passive=True)
                return True
        except pika.exceptions.ChannelClosedByBroker as refusal:
            if refusal.reply_code != NOT_FOUND:
                raise
            return False

    def close(self) -> None:
        """Closes the connection, if there is one."""
        with suppress(pika.exceptions.AMQPError, Unanswered):  # the broker may have closed it, or hang
            if self._connection is not None and self._connection.is_open:
                with self._in_time(self._connection) as connection:
                    connection.close()
        self._connection = None
