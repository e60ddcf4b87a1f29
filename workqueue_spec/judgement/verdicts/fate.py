"""Where tasks are that exceeded a queue's limit, or that a worker handed on to other queues."""

from collections.abc import Mapping, Sequence

from ..ledger import Declaration, Ledger, Publication
from ..tasks import Task
from .handing_on import made_while_held
from .routing import dead_letter_queues, declaration, queues_for
from .verdict import Verdict


def delivery_limit(declarations: Sequence[Declaration], queue: str) -> int | None:
    """The delivery limit that the queue is declared with; None if it is declared without."""
    for limit in (each.arguments.get("x-delivery-limit") for each in _actual(declarations, queue)):
        if isinstance(limit, int) and limit >= 0:
            return limit
    return None


def dead_letter_exchange(declarations: Sequence[Declaration], queue: str) -> str | None:
    """The dead letter exchange that the queue is declared with; None if it is declared without."""
    for exchange in (each.arguments.get("x-dead-letter-exchange") for each in _actual(declarations, queue)):
        if exchange is not None:
            return str(exchange)
    return None


def is_kept(task: Task, queue: str | None) -> Verdict:
    """The task is on a queue; `queue` is None if it is on none."""
    expected = f"task {task.token} on a queue"
    return Verdict(queue is not None, expected, "it is gone" if queue is None else f"it is on '{queue}'")


def handed_on_to(ledger: Ledger, task: Task) -> list[str]:
    """The queues to which the worker handed the task on at the end of its last attempt, of those that it declares.

    It hands a task on if it publishes a copy, or rejects the task on a queue that has a dead letter exchange. The
    list is empty if it did neither, or if somebody else has to declare the queue.
    """
    deliveries = ledger.of(task.mark)
    if not deliveries:
        return []
    last = deliveries[-1]
    names = [
        name
        for copy in made_while_held(last, ledger.carrying(task.mark))
        for name in _destinations(ledger, copy)
    ]
    if last.settled_by in ("Basic.Nack", "Basic.Reject") and not last.requeued:
        names += dead_letter_queues(ledger, last.queue) or []
    return [name for name in dict.fromkeys(names) if name == last.queue or declaration(ledger, name)]


def seconds_until_it_leaves(ledger: Ledger, queue: str, task: Task) -> float | None:
    """The seconds after which the task expires on the queue, from which no worker takes it; None if it stays."""
    declared = declaration(ledger, queue)
    limits = [declared.arguments.get("x-message-ttl") if declared else None]
    copies = [copy for copy in ledger.carrying(task.mark) if queue in _destinations(ledger, copy)]
    given = [str(copy.properties.expiration or "") for copy in copies]
    limits += [int(expiration) for expiration in given if expiration.isdigit()]
    return min((limit / 1000 for limit in limits if isinstance(limit, int)), default=None)


def foreign_exchanges(ledger: Ledger, queue: str, place: str) -> list[str]:
    """The dead letter exchange of `place`, if somebody else may have to declare it or a queue behind it; at most
    one.

    If the program does not declare the queue of its tasks, somebody else may have declared every exchange.
    """
    exchange = dead_letter_exchange(ledger.declarations, place)
    if not exchange or (
        dead_letter_queues(ledger, place) is not None and declaration(ledger, queue) is not None
    ):
        return []
    return [exchange]


def foreign_dead_letter_exchange(ledger: Ledger, task: Task) -> str | None:
    """The dead letter exchange to which the task was rejected at the end of its last attempt, if somebody else may
    have to declare it or a queue behind it. None if it was not rejected to an exchange, or if the program declares
    the queue behind it.
    """
    deliveries = ledger.of(task.mark)
    if not deliveries or handed_on_to(ledger, task):
        return None
    last = deliveries[-1]
    rejected = last.settled_by in ("Basic.Nack", "Basic.Reject") and not last.requeued
    return dead_letter_exchange(ledger.declarations, last.queue) if rejected else None


def each_is_found(tasks: Mapping[Task, str | None], handed_on: Mapping[Task, Sequence[str]]) -> Verdict:
    """Each task that was handed on is on a queue. `tasks` has the queue of each, `handed_on` the queues to which it
    was handed on.
    """
    expected = f"each of {len(handed_on)} tasks that were handed on is on a queue"
    lost = [task for task in handed_on if tasks[task] is None]
    if lost:
        to = " and ".join(f"'{name}'" for name in handed_on[lost[0]])
        seen = f"{len(lost)} gone: {lost[0].token} was handed on to {to}, and is on no queue"
        return Verdict(False, expected, seen)
    return Verdict(True, expected, "each is")


def _destinations(ledger: Ledger, copy: Publication) -> list[str]:
    return queues_for(ledger, copy.exchange, copy.routing_key) or []


def _actual(declarations: Sequence[Declaration], queue: str) -> list[Declaration]:
    return [each for each in declarations if each.queue == queue and not each.passive]
