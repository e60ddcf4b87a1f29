"""Promises that a program keeps all the time, in every test.

Each promise has a test of its own, which provokes what would break it. The history of every other test is
judged by these promises as well, since a program may break a promise in a test that is about something else.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence

from ..history import Event
from ..ledger import Delivery, Ledger
from ..tasks import Task
from .carrying import by_mark
from .concurrency import at_work_at_most
from .declaring import declared_durable
from .dispatch import holds_at_most
from .protocol import removed_nothing, well_formed
from .publishing import persistent, published_to
from .redelivery import is_known_duplicate
from .settlement import (
    acknowledges_by_hand,
    asked,
    held_for,
    settled,
    settled_as_promised,
)
from .verdict import Kind, Verdict
from .waiting import lets_tasks_wait

ASKED_ALWAYS = frozenset(
    ["W01", "W02", "W03", "W04", "W26", "W27", "W32", "W34", "W36", "P01", "P10", "P18", "P21"]
)
"""The clauses by which the history of every test is judged."""


def asked_always(prefetch: int) -> frozenset[str]:
    """The clauses by which the history of every test is judged, for a worker with this prefetch. If it holds one
    task at a time, it cannot work on two (W31).
    """
    return ASKED_ALWAYS | {"W31"} if prefetch > 1 else ASKED_ALWAYS


def broken_by_worker(
    ledger: Ledger,
    events: Sequence[Event],
    queue: str,
    work: Sequence[tuple[Task, float]],
    *,
    prefetch: int = 1,
    concurrency: int = 1,
    of_all: Sequence[Delivery] = (),
) -> Iterator[tuple[str, Verdict]]:
    """Yields the clauses that a worker broke, by its own ledger and events.

    `work` holds the tasks that were sent, each with the seconds that its work takes. The worker may hold `prefetch`
    tasks at once, and work on `concurrency` of them. `of_all` are the deliveries to all workers.
    """
    yield from _broken("W34", declared_durable(ledger.declarations, queue))
    yield from _broken("W36", lets_tasks_wait(ledger, queue))
    yield from _broken("W27", _shared(ledger))
    if ledger.deliveries or any(each.no_ack for each in ledger.consumers):
        yield from _broken("W01", acknowledges_by_hand(ledger))
    if ledger.deliveries:
        yield from _broken("W02", holds_at_most(prefetch, ledger.deliveries, _by_connection))
        yield from _broken("W03", worked_on(ledger.deliveries, work, of_all))
        yield from _broken("W26", well_formed(ledger, events))
        yield from _broken("W32", removed_nothing(ledger, queue))
    if ledger.deliveries and prefetch > 1:
        yield from _broken("W31", at_work_at_most(concurrency, ledger.deliveries, work))
    if ledger.strays or any(delivery.settled_at is not None for delivery in ledger.deliveries):
        yield from _broken("W04", settled_as_promised(ledger, work, prefetch))


def broken_by_producer(ledger: Ledger, queue: str, route: tuple[str, str]) -> Iterator[tuple[str, Verdict]]:
    """Yields the clauses that a producer broke, by its own ledger. `route` is the exchange to which it publishes,
    and the routing key.
    """
    yield from _broken("P18", declared_durable(ledger.declarations, queue))
    yield from _broken("P21", lets_tasks_wait(ledger, queue))
    if ledger.publications:
        yield from _broken("P01", persistent(ledger.publications))
        yield from _broken("P10", published_to(ledger.publications, *route))


def worked_on(
    deliveries: Sequence[Delivery], work: Sequence[tuple[Task, float]], of_all: Sequence[Delivery] = ()
) -> Verdict:
    """No task is acknowledged sooner after its delivery than its work takes.

    If the worker has once held a task for that long, it may know the task as done, and acknowledge a duplicate
    at once. So it may if another worker has held it for that long, as the deliveries `of_all` workers tell: workers
    may share what they know. But then the duplicate must be known as one: it is marked as redelivered, and has an
    id.
    """
    expected = "each acknowledgement after the work"
    longest = max((seconds for _, seconds in work), default=0.0)
    # Bodies are opened only of what may be early: the usual delivery was held long enough for any task.
    suspects = [each for each in deliveries if each.acknowledged and not held_for(longest, each)]
    of_suspects = by_mark(suspects, [task.mark for task, _ in work])
    early = [(task, seconds) for task, seconds in work if not _had(of_suspects, task, seconds)]
    of_tasks = by_mark(deliveries, [task.mark for task, _ in early]) if early else {}
    for task, seconds in early:
        of_task = of_tasks[task.mark]
        if _had(of_tasks, task, seconds):
            continue
        for delivery in of_task:
            if is_known_duplicate(delivery) and _somebody_had(of_all, task, seconds):
                continue
            if delivery.acknowledged and delivery.settled_at is not None and delivery.settled_together == 1:
                took = delivery.settled_at - delivery.at
                seen = f"{took:.3f} s after the delivery of {task}, which takes {seconds:.2f} s"
                return Verdict(False, expected, seen, settled(delivery), Kind.EARLY)
    return Verdict(bool(deliveries), expected, f"all of {len(deliveries)} deliveries")


def _had(of_tasks: Mapping[bytes, list[Delivery]], task: Task, seconds: float) -> bool:
    """Whether one of the deliveries of the task was held for the seconds of its work, or there is none."""
    of_task = of_tasks.get(task.mark)
    return of_task is None or any(held_for(seconds, each) for each in of_task)


def _somebody_had(of_all: Sequence[Delivery], task: Task, seconds: float) -> bool:
    return any(held_for(seconds, each) for each in by_mark(of_all, [task.mark]).get(task.mark, ()))


def _broken(clause_id: str, verdict: Verdict) -> Iterator[tuple[str, Verdict]]:
    if not verdict.holds:
        yield clause_id, verdict


def _by_connection(delivery: Delivery) -> Hashable:
    # What is held on a connection that has gone silent is delivered again on the next connection.
    return delivery.channel[:2]


def _shared(ledger: Ledger) -> Verdict:
    alone = [consumer for consumer in ledger.consumers if consumer.exclusive]
    seen = f"{alone[0].who} consumes from '{alone[0].queue}' exclusively" if alone else "none"
    return Verdict(not alone, "no exclusive consumer", seen, asked(alone[0]) if alone else None)
