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


def places_of_copies(book: Ledger, task: Task) -> list[str]:
    """The queues, other than the task's own, to which the worker published copies by the default exchange.

    A queue that the worker neither declares nor gives the very message to is left out: it may be where others
    look for word of a task. So is one that it consumes from itself, and where it was asked to reply to.
    """
    consumed = {each.queue for each in book.consumers} | {each.queue for each in book.fetches}
    declared = {each.queue for each in book.declarations if not each.passive}
    places = [
        copy.routing_key
        for delivery in book.of(task.mark)
        for copy in made_while_held(delivery, book.carrying(task.mark))
        if not copy.exchange
        and copy.routing_key not in consumed | {delivery.queue, delivery.properties.reply_to}
        and (copy.routing_key in declared or copy.body == delivery.body)
    ]
    return list(dict.fromkeys(places))


def kept_when_its_place_is_gone(book: Ledger, task: Task, queue: str | None) -> Verdict:
    """The task lies on some queue, `queue`, or was not acknowledged because of a copy that lies on none."""
    expected = "the failed task not acknowledged before its copy lies on a queue"
    copies = book.carrying(task.mark)
    given_up = [each for each in book.of(task.mark) if each.acknowledged and made_while_held(each, copies)]
    if queue is None and given_up and book.of(task.mark)[-1] is given_up[-1]:
        copy = made_while_held(given_up[-1], copies)[-1]
        returned = any(each.what == "Basic.Return" and each.body == copy.body for each in book.replies)
        if copy.mandatory and not returned:
            return Verdict(True, expected, "the broker has put the copy on a queue")
        how = "returned" if copy.mandatory else "not mandatory"
        seen = f"acknowledged, and the copy to '{copy.routing_key}', {how}, is on no queue"
        return Verdict(False, expected, f"{given_up[-1].who}: {seen}")
    return Verdict(
        True, expected, f"it is on '{queue}'" if queue else "no copy is what it was acknowledged for"
    )


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
