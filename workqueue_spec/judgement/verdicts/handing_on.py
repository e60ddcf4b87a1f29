"""What a worker does with a task that another queue, or another attempt, is to have."""

from collections.abc import Sequence

from ..ledger import Delivery, Ledger, Publication
from ..tasks import Task
from .declaring import declared_durable
from .publishing import PERSISTENT
from .reporting import TAKEN
from .verdict import Verdict


def handed_on_safely(book: Ledger, task: Task) -> Verdict:
    """The task was acknowledged only with a copy of it in the broker's hands, one that survives a restart.

    Of several copies one is enough: the others may be there to tell of the task. A confirm that is held back was
    not told to the worker, and is not in the book.
    """
    expected = "a copy confirmed, persistent and on a durable queue before the task is acknowledged"
    copies = book.carrying(task.mark)
    for delivery in book.of(task.mark):
        if not delivery.acknowledged:
            continue
        wrong = [_unsafe(copy, delivery, book) for copy in made_while_held(delivery, copies)]
        if wrong and all(wrong):
            return Verdict(False, expected, f"{delivery.who} acknowledged it, and its copy is {wrong[0]}")
    return Verdict(True, expected, f"so it is for {len(copies)} copies")


def made_while_held(delivery: Delivery, copies: Sequence[Publication]) -> list[Publication]:
    """Of the copies of a task those that were published between its delivery and its settlement."""
    until = delivery.settled_at
    return [copy for copy in copies if until is not None and delivery.at <= copy.at <= until]


def _unsafe(copy: Publication, delivery: Delivery, book: Ledger) -> str:
    """Why the copy may be lost; empty where it may not."""
    if not _is_taken_in_charge(copy, delivery):
        return "not confirmed by then"
    if copy.properties.delivery_mode != PERSISTENT:
        return "transient"
    if not copy.exchange and not declared_durable(book.declarations, copy.routing_key):
        return f"on '{copy.routing_key}', which is declared so that it may go"
    return ""


def _is_taken_in_charge(copy: Publication, delivery: Delivery) -> bool:
    """Whether the broker has said that it has it, or takes both in one transaction."""
    together = copy.transacted and copy.channel == delivery.channel
    return together or copy.confirmed_by in TAKEN
