"""A client of the suite's own, which declares, looks at and deletes queues."""

from collections.abc import Mapping, Sequence
from typing import Any

import pika.compat

from ...broker.control import Counts
from ...judgement.ledger import Closed
from .client_connection import ClientConnection, Refused, refusals


class Client(ClientConnection):
    """Puts questions about queues to the broker. A sender and a receiver can do so too."""

    def declares(self, queue: str, **properties: Any) -> None:
        """Declares a queue that is durable and of the run's type, unless the properties say otherwise.

        Properties are `durable`, `exclusive`, `auto_delete`, and arguments such as `x_max_length`. An argument
        that is None is left out; this includes `x_queue_type`.
        """
        with self._expecting(f"the queue '{queue}' declared"):
            self._declare(queue, **properties)

    def is_refused_when_it_declares(self, queue: str, **properties: Any) -> Closed:
        """Declares a queue, which the broker must refuse. Returns the refusal."""
        return self.is_refused(lambda: self.declares(queue, **properties), f"the declaration of '{queue}'")

    def tries_to_declare(self, queue: str, **properties: Any) -> Closed | None:
        """Declares a queue, which the broker may refuse. Returns the refusal, or None."""
        before = len(refusals(self.ledger))
        try:
            self.declares(queue, **properties)
        except Refused:
            return self._refusal_after(before, "a refusal with its reason")
        return None

    def _declare(
        self,
        queue: str,
        *,
        durable: bool = True,
        exclusive: bool = False,
        auto_delete: bool = False,
        **arguments: Any,
    ) -> None:
        asked = {"x-queue-type": "quorum" if self._queue_type == "quorum" else None}
        asked |= {name.replace("_", "-"): value for name, value in arguments.items()}
        given = {name: value for name, value in asked.items() if value is not None}
        self.channel.queue_declare(
            queue, durable=durable, exclusive=exclusive, auto_delete=auto_delete, arguments=given
        )

    def looks_for(self, queue: str) -> None:
        """Asks whether the queue exists, by a passive declaration."""
        self.counts(queue)

    def counts(self, queue: str) -> Counts:
        """The queue's counts, from the reply to a passive declaration."""
        with self._expecting(f"the queue '{queue}' found"):
            declared = self.channel.queue_declare(queue, passive=True).method
            return Counts(declared.message_count, declared.consumer_count)

    def deletes(self, queue: str) -> float:
        """Deletes the queue and the messages on it. Returns when the broker said that it had done so."""
        what, before = f"the queue '{queue}' deleted", len(self._times_of("Queue.DeleteOk"))
        with self._expecting(what):
            self.channel.queue_delete(queue)
        return self._eventually(lambda _: self._times_of("Queue.DeleteOk")[before:], what)[0]

    def binds(self, queue: str, exchange: str, key: str, arguments: Mapping[str, Any]) -> None:
        """Binds the queue to the exchange."""
        with self._expecting(f"the queue '{queue}' bound to '{exchange}'"):
            self.channel.queue_bind(queue, exchange, key, dict(arguments))

    def declares_exchange(self, exchange: str, kind: str) -> None:
        """Declares a durable exchange of this kind."""
        with self._expecting(f"the exchange '{exchange}' declared"):
            self.channel.exchange_declare(exchange, kind, durable=True)

    def declares_fanout(self, exchange: str, queues: Sequence[str]) -> None:
        """Declares an exchange that puts every message on each of the queues."""
        with self._expecting(f"the exchange '{exchange}' declared and bound"):
            self.channel.exchange_declare(exchange, "fanout", durable=True)
            for queue in queues:
                self.channel.queue_bind(queue, exchange)


def wide(value: int) -> int:
    """The same integer, which pika sends in 64 bits even if 32 are enough."""
    widened: int = pika.compat.long(value)
    return widened
