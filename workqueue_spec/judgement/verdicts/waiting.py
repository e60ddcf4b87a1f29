"""Whether a task may wait on the queue for as long as it takes until a worker comes."""

from collections.abc import Iterator, Sequence

from ..ledger import Declaration, Ledger, Publication
from .verdict import Verdict

_LIMITS = ("x-message-ttl", "x-max-length", "x-max-length-bytes")
"""What makes a queue take tasks off that are too old, or one too many."""


def lets_tasks_wait(book: Ledger, queue: str) -> Verdict:
    """Nothing that it asks for has a task dropped because no worker comes for it.

    What is over a limit of the queue's may be dead-lettered, or refused so that its publisher knows.
    """
    return _drops_none(book.declarations, queue) & _none_expires(book.publications, queue)


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
