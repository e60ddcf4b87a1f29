"""Promises that a program keeps all the time, whatever a test is about.

Each has a test of its own, which provokes what would break it. These questions are asked of every test's
history besides, since a program may break a promise where nobody would look for it.
"""

from collections.abc import Hashable, Iterator, Sequence

from ..history import Event
from ..ledger import Delivery, Ledger
from ..tasks import Task
from .declaring import declared_durable
from .dispatch import holds_at_most
from .protocol import removed_nothing, well_formed
from .publishing import persistent, through_default_exchange
from .settlement import TIMER, acknowledges_by_hand, each_settled_once
from .verdict import Verdict
from .waiting import lets_tasks_wait

ASKED_ALWAYS = frozenset(
    ["W01", "W02", "W03", "W04", "W26", "W27", "W32", "W34", "W36", "P01", "P10", "P18", "P21"]
)
"""The clauses that are asked of every test's history."""


def broken_by_worker(
    book: Ledger, events: Sequence[Event], queue: str, work: Sequence[tuple[Task, float]]
) -> Iterator[tuple[str, Verdict]]:
    """The clauses that a worker broke, by its own ledger; `work` says what each task takes, in seconds."""
    yield from _broken("W34", declared_durable(book.declarations, queue))
    yield from _broken("W36", lets_tasks_wait(book, queue))
    yield from _broken("W27", _shared(book))
    if book.deliveries or any(each.no_ack for each in book.consumers):
        yield from _broken("W01", acknowledges_by_hand(book))
    if book.deliveries:
        yield from _broken("W02", holds_at_most(1, book.deliveries, _by_connection))
        yield from _broken("W03", worked_on(book.deliveries, work))
        yield from _broken("W26", well_formed(book, events))
        yield from _broken("W32", removed_nothing(book, queue))
    if book.strays or any(delivery.settled_at is not None for delivery in book.deliveries):
        yield from _broken("W04", each_settled_once(book))


def broken_by_producer(book: Ledger, queue: str) -> Iterator[tuple[str, Verdict]]:
    """The clauses that a producer broke, by its own ledger."""
    yield from _broken("P18", declared_durable(book.declarations, queue))
    yield from _broken("P21", lets_tasks_wait(book, queue))
    if book.publications:
        yield from _broken("P01", persistent(book.publications))
        yield from _broken("P10", through_default_exchange(book.publications, queue))


def worked_on(deliveries: Sequence[Delivery], work: Sequence[tuple[Task, float]]) -> Verdict:
    """No task is acknowledged sooner after its delivery than its work takes.

    One that the worker had for that long before may be known to it as done: it may drop a duplicate.
    """
    expected = "each acknowledgement after the work"
    for task, seconds in work:
        of = [delivery for delivery in deliveries if delivery.carries(task.mark)]
        if any(_had_for(seconds, each) for each in of):
            continue
        for delivery in of:
            if delivery.acknowledged and delivery.settled_at is not None and delivery.together == 1:
                took = delivery.settled_at - delivery.at
                seen = f"{took:.3f} s after the delivery of {task}, which takes {seconds:.2f} s"
                return Verdict(False, expected, seen)
    return Verdict(bool(deliveries), expected, f"so it is for {len(deliveries)} deliveries")


def _had_for(seconds: float, delivery: Delivery) -> bool:
    return delivery.held_until is not None and delivery.held_until - delivery.at >= seconds - TIMER


def _broken(clause_id: str, verdict: Verdict) -> Iterator[tuple[str, Verdict]]:
    if not verdict.holds:
        yield clause_id, verdict


def _by_connection(delivery: Delivery) -> Hashable:
    # What is held on a connection that has gone silent comes again on the next.
    return delivery.channel[:2]


def _shared(book: Ledger) -> Verdict:
    alone = [consumer for consumer in book.consumers if consumer.exclusive]
    seen = f"{alone[0].who} consumes from '{alone[0].queue}' exclusively" if alone else "none"
    return Verdict(not alone, "no exclusive consumer", seen)
