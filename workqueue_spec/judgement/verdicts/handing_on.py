"""How a worker hands a task on to another queue, or to a later attempt."""

from collections.abc import Sequence

from ..ledger import Delivery, Ledger, Publication
from ..tasks import Task
from .declaring import declared_durable
from .publishing import PERSISTENT
from .reporting import TAKEN
from .verdict import Verdict


def handed_on_safely(ledger: Ledger, task: Task) -> Verdict:
    """The task was acknowledged only after the broker had taken a copy that survives a restart.

    Of several copies, one safe copy is enough: the others may be notifications. A confirm that the tap holds
    back did not reach the worker, and is not in the ledger.
    """
    expected = "a copy confirmed, persistent and on a durable queue before the task is acknowledged"
    copies = ledger.carrying(task.mark)
    for delivery in ledger.of(task.mark):
        if not delivery.acknowledged:
            continue
        wrong = [_unsafe(copy, delivery, ledger) for copy in made_while_held(delivery, copies)]
        if wrong and all(wrong):
            return Verdict(False, expected, f"{delivery.who} acknowledged it, and its copy is {wrong[0]}")
    return Verdict(True, expected, f"{len(copies)} copies, none unsafe")


def made_while_held(delivery: Delivery, copies: Sequence[Publication]) -> list[Publication]:
    """The copies of a task that were published between its delivery and its settlement."""
    until = delivery.settled_at
    return [copy for copy in copies if until is not None and delivery.at <= copy.at <= until]


def _unsafe(copy: Publication, delivery: Delivery, ledger: Ledger) -> str:
    """Why the copy may be lost; empty if it cannot be lost."""
    if not _is_taken(copy, delivery):
        return "not confirmed by then"
    if copy.properties.delivery_mode != PERSISTENT:
        return "transient"
    if not copy.exchange and not declared_durable(ledger.declarations, copy.routing_key):
        return f"on '{copy.routing_key}', which is not declared durable, or is exclusive or auto-delete"
    return ""


def _is_taken(copy: Publication, delivery: Delivery) -> bool:
    """Whether the broker has confirmed the copy, or takes copy and acknowledgement in one transaction."""
    together = copy.transacted and copy.channel == delivery.channel
    return together or copy.confirmed_by in TAKEN
