"""How a worker hands a task on to another queue, or to a later attempt."""

from collections.abc import Sequence

from ..ledger import Delivery, Ledger, Publication
from ..tasks import Task
from .declaring import declared_durable
from .publishing import PERSISTENT
from .reporting import TAKEN
from .routing import consumed
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


def destinations_of_copies(ledger: Ledger, task: Task) -> list[str]:
    """The queues, other than the task's own, to which the worker published copies through the default exchange.

    A queue is left out if the worker neither declares it nor publishes the same body to it: it may be for
    notifications. So is a queue that the worker consumes itself, and the queue for replies to the task.
    """
    left_out = consumed(ledger)
    declared = {each.queue for each in ledger.declarations if not each.passive}
    places = [
        copy.routing_key
        for delivery in ledger.of(task.mark)
        for copy in made_while_held(delivery, ledger.carrying(task.mark))
        if not copy.exchange
        and copy.routing_key not in left_out | {delivery.queue, delivery.properties.reply_to}
        and (copy.routing_key in declared or copy.body == delivery.body)
    ]
    return list(dict.fromkeys(places))


def kept_when_its_destination_is_gone(ledger: Ledger, task: Task, queue: str | None) -> Verdict:
    """The task is on the queue `queue`, or it was not acknowledged for a copy that is on no queue (`queue` is
    None).
    """
    expected = "the failed task not acknowledged before its copy is on a queue"
    copies = ledger.carrying(task.mark)
    given_up = [each for each in ledger.of(task.mark) if each.acknowledged and made_while_held(each, copies)]
    if queue is None and given_up and ledger.of(task.mark)[-1] is given_up[-1]:
        copy = made_while_held(given_up[-1], copies)[-1]
        returned = any(each.what == "Basic.Return" and each.body == copy.body for each in ledger.replies)
        if copy.mandatory and not returned:
            return Verdict(True, expected, "the broker has put the copy on a queue")
        how = "returned" if copy.mandatory else "not mandatory"
        seen = f"acknowledged, and the copy to '{copy.routing_key}', {how}, is on no queue"
        return Verdict(False, expected, f"{given_up[-1].who}: {seen}")
    return Verdict(True, expected, f"it is on '{queue}'" if queue else "it was not acknowledged for a copy")


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
