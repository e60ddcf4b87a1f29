"""Tasks as a program's own producer wraps them, without starting it for each.

A worker may take only what its own producer has published: a JSON envelope, a pickled call, headers of its
own. What the producer publishes for a few texts shows how it wraps any text. Where that cannot be told for
certain, the producer is run for each task.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pika

from ..judgement.ledger import Publication
from .wrapping.template import Template, learn

_PROPERTIES = {
    "content_type": "content_type",
    "content_encoding": "content_encoding",
    "headers": "headers",
    "delivery_mode": "delivery_mode",
    "priority": "priority",
    "correlation_id": "correlation_id",
    "reply_to": "reply_to",
    "expiration": "expiration",
    "message_id": "message_id",
    "timestamp": "timestamp",
    "message_type": "type",
    "user_id": "user_id",
    "app_id": "app_id",
}
"""The properties of a message by the names that pamqp and pika have for them."""

UNASKED_FOR = {
    "headers": {
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "tries": 3,
        "of": [1, {}],
    },
    "priority": 4,
    "timestamp": 1_700_000_000,
    "type": "task",
    "app_id": "somebody else",
}
"""What a message may have beside its body, as a tracing library or another producer adds it. An id is not among
it: no two messages may have the same."""


@dataclass(frozen=True)
class Message:
    """A message as it is to be put on a queue."""

    body: bytes
    properties: Mapping[str, Any] = field(default_factory=dict)
    """By pika's names."""

    def with_id(self, message_id: str) -> "Message":
        """The same message under another message id."""
        return Message(self.body, {**self.properties, "message_id": message_id})

    def with_also(self, properties: Mapping[str, Any]) -> "Message":
        """The same message with these properties, and these headers, where it has none of its own."""
        both = {**properties, **self.properties}
        if "headers" in both:
            both["headers"] = {**properties.get("headers", {}), **self.properties.get("headers", {})}
        return Message(self.body, both)

    def as_pika(self) -> pika.BasicProperties:
        """Its properties."""
        given = dict(self.properties)
        if isinstance(given.get("timestamp"), datetime.datetime):
            given["timestamp"] = int(given["timestamp"].timestamp())
        return pika.BasicProperties(**given)


def plain(text: str | bytes) -> Message:
    """The message whose body is the text and nothing else."""
    body = text.encode() if isinstance(text, str) else text
    return Message(body, {"delivery_mode": pika.DeliveryMode.Persistent.value})


def message_of(publication: Publication) -> Message:
    """What a producer published."""
    said = {ours: getattr(publication.properties, theirs) for theirs, ours in _PROPERTIES.items()}
    return Message(publication.body, {name: value for name, value in said.items() if value is not None})


class Envelopes:
    """Wraps tasks as the producer does; what it takes to do so is learned at the first."""

    TEXTS = ("kfeedbeef0 learn", "kfeedbeef0 learn", "kdecade0123 learn to wrap another..")
    """One of them twice: what differs then has nothing to do with the text."""
    LONGEST = 500
    """Characters of a text up to which the short ones tell how it is wrapped. A copy of a longer one, in a header
    say, may be cut short; and it may be compressed."""

    def __init__(self, publish: Callable[[Sequence[str]], Sequence[Message]]) -> None:
        """`publish` runs the producer for each of the texts, and returns what it published."""
        self._publish = publish
        self._template: Template | None = None
        self._learned = False

    def wrap(self, text: str) -> Message:
        """The message that carries the text."""
        if len(text) > self.LONGEST:
            return self._publish([text])[0]
        if not self._learned:
            samples = self._publish(self.TEXTS)
            self._template = learn(self.TEXTS, [[each.body, dict(each.properties)] for each in samples])
            self._learned = True
        return self._publish([text])[0] if self._template is None else Message(*self._template.wrap(text))
