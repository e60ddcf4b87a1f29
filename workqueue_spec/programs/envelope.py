"""Wraps tasks as a program's own producer wraps them, without running the producer for each task.

A worker may accept only messages as its own producer publishes them: a JSON envelope, a pickled call, special
headers. The messages that the producer publishes for a few texts show how it wraps any text. If they do not
show it for certain, the producer is run for each task.
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
"""The properties of a message: pamqp's name and pika's name of each."""

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
"""Properties that a tracing library or another producer may add to a message, and that a worker did not ask for.
There is no `message_id` among them: no two messages may have the same one."""


@dataclass(frozen=True)
class Message:
    """A message to be published."""

    body: bytes
    properties: Mapping[str, Any] = field(default_factory=dict)
    """The properties by pika's names."""

    def with_id(self, message_id: str) -> "Message":
        """The same message with another message id."""
        return Message(self.body, {**self.properties, "message_id": message_id})

    def with_also(self, properties: Mapping[str, Any]) -> "Message":
        """The same message with these properties and headers added. Its own properties and headers stay."""
        both = {**properties, **self.properties}
        if "headers" in both:
            both["headers"] = {**properties.get("headers", {}), **self.properties.get("headers", {})}
        return Message(self.body, both)

    def as_pika(self) -> pika.BasicProperties:
        """The message's properties for pika."""
        given = dict(self.properties)
        if isinstance(given.get("timestamp"), datetime.datetime):
            given["timestamp"] = int(given["timestamp"].timestamp())
        return pika.BasicProperties(**given)


def plain(text: str | bytes) -> Message:
    """A persistent message whose body is the text and nothing else."""
    body = text.encode() if isinstance(text, str) else text
    return Message(body, {"delivery_mode": pika.DeliveryMode.Persistent.value})


def message_of(publication: Publication) -> Message:
    """The message that a producer published."""
    values = {pikas: getattr(publication.properties, pamqps) for pamqps, pikas in _PROPERTIES.items()}
    return Message(publication.body, {name: value for name, value in values.items() if value is not None})


class Envelopes:
    """Wraps tasks as the producer does. The first `wrap` runs the producer to learn how."""

    TEXTS = ("kfeedbeef0 learn", "kfeedbeef0 learn", "kdecade0123 learn to wrap another..")
    """One text is there twice: what differs between its two messages does not depend on the text."""
    LONGEST = 500
    """Characters of the longest text that is wrapped by the template. A producer may compress a longer text, or
    cut short a copy of it in a header, which the short texts do not show."""

    def __init__(self, publish: Callable[[Sequence[str]], Sequence[Message]]) -> None:
        """`publish` runs the producer for each of the texts, and returns the messages that it published."""
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
