"""Whether a task may wait on the queue for as long as it takes until a worker comes."""

import math
from collections.abc import Iterator, Sequence

from ..ledger import Declaration, Ledger, Publication
from .routing import dead_letters_go
from .routing import declaration as declared_as
from .verdict import Verdict

_LIMITS = ("x-message-ttl", "x-max-length", "x-max-length-bytes")
"""What makes a queue take tasks off that are too old, or one too many."""


def lets_tasks_wait(book: Ledger, queue: str) -> Verdict:
    """Nothing that it asks for has a task dropped because no worker comes for it.

    What is over a limit of the queue's may be dead-lettered, or refused so that its publisher knows. A queue whose
    dead letters come back, where tasks wait to be tried again, may not expire before they do.
    """
    waits = _drops_none(book.declarations, queue) & _none_expires(book.publications, queue)
    for name in dict.fromkeys(each.queue for each in book.declarations if not each.passive):
        if name and name != queue and queue in (dead_letters_go(book, name) or ()):
            waits = waits & _outlives_what_waits(book, name, queue)
    return waits


def _outlives_what_waits(book: Ledger, retry: str, queue: str) -> Verdict:
    """A queue that nobody uses expires with all that is on it, and none of that is dead-lettered."""
    declared = declared_as(book, retry)
    expires = declared and declared.arguments.get("x-expires")
    expected = f"'{retry}', where tasks wait to be tried again, there for longer than they wait"
    if declared is None or not isinstance(expires, int):
        return Verdict(True, expected, "it does not expire")
    waits = _longest_wait(book, declared, is_fed=retry in (dead_letters_go(book, queue) or ()))
    if waits is None or waits < expires:
        return Verdict(True, expected, f"it expires after {expires} ms, and they leave it before")
    seen = f"{declared.who} declares it with x-expires {expires}, and they wait for {waits:g} (milliseconds)"
    return Verdict(False, expected, seen)


def _longest_wait(book: Ledger, declared: Declaration, *, is_fed: bool) -> float | None:
    """The milliseconds that a message waits on the queue, which no worker consumes; None: nobody can tell.

    `is_fed`: dead letters come to it, which have no expiration of their own any more.
    """
    limits: list[float] = []
    if isinstance(limit := declared.arguments.get("x-message-ttl"), int):
        limits.append(limit)
    copies = [each for each in book.publications if not each.exchange and each.routing_key == declared.queue]
    if is_fed:
        limits.append(math.inf)
    elif copies:
        limits.append(max(_expiration(each) for each in copies))
    return min(limits, default=None)


def _expiration(publication: Publication) -> float:
    given = str(publication.properties.expiration or "")
    return int(given) if given.isdigit() else math.inf


def _drops_none(declarations: Sequence[Declaration], queue: str) -> Verdict:
    expected = f"'{queue}' declared so that it drops no task that waits"
    for declaration in declarations:
        if declaration.queue == queue and not declaration.passive:
            wrong = " and ".join(_dropping(declaration))
            if wrong:
                return Verdict(False, expected, f"{declaration.who} declares it with {wrong}")
    return Verdict(True, expected, "so it is, wherever it is declared")


def _dropping(declaration: Declaration) -> Iterator[str]:
    given = {name: value for name, value in declaration.arguments.items() if value is not None}
    if "x-expires" in given:
        yield f"x-expires {given['x-expires']}"
    if "x-dead-letter-exchange" in given:
        return
    refused = str(given.get("x-overflow", "")).startswith("reject-publish")
    for name in _LIMITS:
        if name in given and not (refused and name != "x-message-ttl"):
            yield f"{name} {given[name]}"


def _none_expires(publications: Sequence[Publication], queue: str) -> Verdict:
    expected = f"no expiration in a message for '{queue}'"
    for publication in publications:
        limit = publication.properties.expiration
        if publication.routing_key == queue and limit:
            return Verdict(False, expected, f"expiration {limit} (milliseconds) from {publication.who}")
    return Verdict(True, expected, f"none in {len(publications)} messages")
