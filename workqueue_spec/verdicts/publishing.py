"""What a producer hands to the broker."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ..ledger import Publication
from .verdict import Verdict

PERSISTENT = 2


def persistent(publications: Sequence[Publication]) -> Verdict:
    """Every message asks to be kept on disk."""
    expected = f"delivery_mode {PERSISTENT} (persistent) in every message"
    for publication in publications:
        mode = publication.properties.delivery_mode
        if mode != PERSISTENT:
            meaning = "none, which means transient" if mode is None else f"{mode} (transient)"
            return Verdict(False, expected, f"delivery_mode {meaning} from {publication.who}")
    return Verdict(bool(publications), expected, f"{len(publications)} persistent messages")


def through_default_exchange(publications: Sequence[Publication], queue: str) -> Verdict:
    """Every message goes to the queue by its name."""
    expected = f"exchange '' and routing key '{queue}'"
    for publication in publications:
        if publication.exchange or publication.routing_key != queue:
            return Verdict(
                False,
                expected,
                f"exchange '{publication.exchange}' and routing key '{publication.routing_key}'",
            )
    return Verdict(bool(publications), expected, f"{len(publications)} messages")


def exactly_one(publications: Sequence[Publication], text: str) -> Verdict:
    """One run published one message, and it carries the text."""
    expected = f"one message that holds {text!r}"
    if len(publications) != 1:
        return Verdict(False, expected, f"{len(publications)} messages")
    body = publications[0].body
    return Verdict(text.encode() in body, expected, f"one of {len(body)} bytes: {body[:80]!r}")


def arrives_whole(publications: Sequence[Publication], text: str) -> Verdict:
    """One message, and the text is in it as it was given: as it stands, or as a text in a JSON document."""
    shown = repr(text) if len(text) <= 60 else f"{text[:40]!r} and so on, {len(text)} characters"
    expected = f"one message that holds {shown}"
    if len(publications) != 1:
        return Verdict(False, expected, f"{len(publications)} messages")
    body = publications[0].body
    whole = text.encode() in body or text in _texts_in(body)
    return Verdict(whole, expected, f"one of {len(body)} bytes: {body[:80]!r}")


def _texts_in(body: bytes) -> list[str]:
    try:
        document = json.loads(body)
    except ValueError:
        return []
    return list(_texts(document))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for each in value:
                yield from _texts(each)
        case dict():
            for each in value.values():
                yield from _texts(each)
