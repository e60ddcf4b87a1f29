"""Whether a task can wait on the queue until a worker comes, however long that takes."""

import math
from collections.abc import Iterator, Sequence

from ..ledger import Declaration, Ledger, Publication
from .routing import dead_letter_queues
from .routing import declaration as declared_as
from .verdict import Kind, Moment, Verdict

_LIMITS = ("x-message-ttl", "x-max-length", "x-max-length-bytes")
"""Arguments that make a queue drop tasks: those that are too old, or those above a maximum length."""


def lets_tasks_wait(ledger: Ledger, queue: str) -> Verdict:
    """No declaration and no publication lets the broker drop a task because no worker comes.

    A task above a limit of the queue may be dead-lettered, or be refused so that its publisher learns of it. A
    retry queue, which dead-letters its messages to this queue, must not expire before its messages do.
    """
    waits = _drops_none(ledger.declarations, queue) & _none_expires(ledger.publications, queue)
    for name in dict.fromkeys(each.queue for each in ledger.declarations if not each.passive):
        if name and name != queue and queue in (dead_letter_queues(ledger, name) or ()):
            waits = waits & _outlives_what_waits(ledger, name, queue)
    return waits


def _outlives_what_waits(ledger: Ledger, retry: str, queue: str) -> Verdict:
    """The retry queue does not expire before its messages do.

    A queue that expires takes its messages with it: they are not dead-lettered.
    """
    declared = declared_as(ledger, retry)
    expires = declared and declared.arguments.get("x-expires")
    expected = f"'{retry}', where tasks wait to be tried again, declared so that it outlives them"
    if declared is None or not isinstance(expires, int):
        return Verdict(True, expected, "it does not expire")
    waits = _longest_wait(ledger, declared, is_fed=retry in (dead_letter_queues(ledger, queue) or ()))
    if waits is None or waits < expires:
        return Verdict(True, expected, f"it expires after {expires} ms, and they expire before")
    seen = f"{declared.who} declares it with x-expires {expires}, and they wait for {waits:g} (milliseconds)"
    return Verdict(False, expected, seen, _declared(declared), Kind.DECLARED)


def _longest_wait(ledger: Ledger, declared: Declaration, *, is_fed: bool) -> float | None:
    """The most milliseconds that a message waits on the queue, from which no worker takes it; None if unknown.

    `is_fed` says that the queue gets dead letters, which have no expiration of their own any more.
    """
    limits: list[float] = []
    if isinstance(limit := declared.arguments.get("x-message-ttl"), int):
        limits.append(limit)
    copies = [
        each for each in ledger.publications if not each.exchange and each.routing_key == declared.queue
    ]
    if is_fed:
        limits.append(math.inf)
    elif copies:
        limits.append(max(_expiration(each) for each in copies))
    return min(limits, default=None)


def _expiration(publication: Publication) -> float:
    given = str(publication.properties.expiration or "")
    return int(given) if given.isdigit() else math.inf


def _drops_none(declarations: Sequence[Declaration], queue: str) -> Verdict:
    expected = f"'{queue}' declared so that it drops no waiting task"
    for declaration in declarations:
        if declaration.queue == queue and not declaration.passive:
            wrong = " and ".join(_dropping(declaration))
            if wrong:
                seen = f"{declaration.who} declares it with {wrong}"
                return Verdict(False, expected, seen, _declared(declaration), Kind.DECLARED)
    return Verdict(True, expected, "no declaration of it is otherwise")


def _declared(declaration: Declaration) -> Moment:
    return Moment(declaration.who, declaration.at, "Queue.Declare")


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
            seen = f"expiration {limit} (milliseconds) from {publication.who}"
            return Verdict(False, expected, seen, Moment(publication.who, publication.at, "Basic.Publish"))
    return Verdict(True, expected, f"none in {len(publications)} messages")
