"""What a producer hands to the broker."""

from collections.abc import Sequence

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
    only = publications[0]
    return Verdict(
        only.carries(text.encode()), expected, f"one of {len(only.body)} bytes: {only.body[:80]!r}"
    )


def arrives_whole(publications: Sequence[Publication], text: str) -> Verdict:
    """One message, and the text is in it as it was given: as it stands, or in a common encoding."""
    shown = repr(text) if len(text) <= 60 else f"{text[:40]!r} and so on, {len(text)} characters"
    expected = f"one message that holds {shown}"
    if len(publications) != 1:
        return Verdict(False, expected, f"{len(publications)} messages")
    only = publications[0]
    return Verdict(
        only.carries(text.encode()), expected, f"one of {len(only.body)} bytes: {only.body[:80]!r}"
    )


def each_arrives_whole(publications: Sequence[Publication], text: str) -> Verdict:
    """Every copy of the task has all of its text."""
    verdicts = [arrives_whole([publication], text) for publication in publications]
    return next((verdict for verdict in verdicts if not verdict), arrives_whole(publications[:1], text))
