"""What a producer publishes."""

from collections.abc import Sequence

from ..ledger import Publication
from .verdict import Kind, Moment, Verdict

PERSISTENT = 2
"""The delivery mode of a message that the broker writes to disk."""


def persistent(publications: Sequence[Publication]) -> Verdict:
    """Every message is persistent."""
    expected = f"delivery_mode {PERSISTENT} (persistent) in every message"
    for publication in publications:
        mode = publication.properties.delivery_mode
        if mode != PERSISTENT:
            meaning = "none, which means transient" if mode is None else f"{mode} (transient)"
            seen = f"delivery_mode {meaning} from {publication.who}"
            return Verdict(False, expected, seen, published(publication), Kind.TRANSIENT)
    return Verdict(bool(publications), expected, f"{len(publications)} persistent messages")


def published_to(publications: Sequence[Publication], exchange: str, routing_key: str) -> Verdict:
    """Every message is published to this exchange (empty: the default exchange), with this routing key."""
    expected = f"exchange '{exchange}' and routing key '{routing_key}'"
    for publication in publications:
        if (publication.exchange, publication.routing_key) != (exchange, routing_key):
            return Verdict(
                False,
                expected,
                f"exchange '{publication.exchange}' and routing key '{publication.routing_key}'",
                published(publication),
            )
    return Verdict(bool(publications), expected, f"{len(publications)} messages")


def published(publication: Publication) -> Moment:
    """When the client published the message."""
    return Moment(publication.who, publication.at, "Basic.Publish")


def exactly_one(publications: Sequence[Publication], text: str) -> Verdict:
    """The producer published exactly one message, and the message carries the text."""
    expected = f"one message that holds {text!r}"
    if len(publications) != 1:
        return _another_number(expected, publications)
    only = publications[0]
    seen = f"one of {len(only.body)} bytes: {only.body[:80]!r}"
    if only.carries(text.encode()):
        return Verdict(True, expected, seen)
    return Verdict(False, expected, seen, published(only), Kind.ALTERED)


def arrives_whole(publications: Sequence[Publication], text: str) -> Verdict:
    """The producer published exactly one message, which holds the whole text, plain or in a common encoding."""
    shown = repr(text) if len(text) <= 60 else f"{text[:40]!r} and so on, {len(text)} characters"
    expected = f"one message that holds {shown}"
    if len(publications) != 1:
        return _another_number(expected, publications)
    only = publications[0]
    seen = f"one of {len(only.body)} bytes: {only.body[:80]!r}"
    if only.carries(text.encode()):
        return Verdict(True, expected, seen)
    return Verdict(False, expected, seen, published(only), Kind.ALTERED)


def each_arrives_whole(publications: Sequence[Publication], text: str) -> Verdict:
    """Every copy of the task holds the whole text."""
    verdicts = [arrives_whole([publication], text) for publication in publications]
    return next((verdict for verdict in verdicts if not verdict), arrives_whole(publications[:1], text))


def _another_number(expected: str, publications: Sequence[Publication]) -> Verdict:
    decided_by = published(publications[1]) if len(publications) > 1 else None
    return Verdict(False, expected, f"{len(publications)} messages", decided_by, Kind.NUMBER)
