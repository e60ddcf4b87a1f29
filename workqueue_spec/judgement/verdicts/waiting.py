"""Whether a task can wait on the queue until a worker comes, however long that takes."""

from collections.abc import Iterator, Sequence

from ..ledger import Declaration, Ledger, Publication
from .verdict import Verdict

_LIMITS = ("x-message-ttl", "x-max-length", "x-max-length-bytes")
"""Arguments that make a queue drop tasks: those that are too old, or those above a maximum length."""


def lets_tasks_wait(ledger: Ledger, queue: str) -> Verdict:
    """No declaration and no publication lets the broker drop a task because no worker comes.

    A task above a limit of the queue may be dead-lettered, or be refused so that its publisher learns of it.
    """
    return _drops_none(ledger.declarations, queue) & _none_expires(ledger.publications, queue)


def _drops_none(declarations: Sequence[Declaration], queue: str) -> Verdict:
    expected = f"'{queue}' declared so that it drops no waiting task"
    for declaration in declarations:
        if declaration.queue == queue and not declaration.passive:
            wrong = " and ".join(_dropping(declaration))
            if wrong:
                return Verdict(False, expected, f"{declaration.who} declares it with {wrong}")
    return Verdict(True, expected, "no declaration of it is otherwise")


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
