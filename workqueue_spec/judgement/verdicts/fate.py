"""What becomes of tasks that are given up: by a queue's limit, or on their way through other queues."""

from collections.abc import Mapping, Sequence

from ..ledger import Declaration, Ledger, Publication
from ..tasks import Task
from .handing_on import made_while_held
from .routing import dead_letters_go, declaration, routed
from .verdict import Verdict


def delivery_limit(declarations: Sequence[Declaration], queue: str) -> int | None:
    """The limit to deliveries that the queue is declared with; None: it is declared with none."""
    for limit in (each.arguments.get("x-delivery-limit") for each in _actual(declarations, queue)):
        if isinstance(limit, int) and limit >= 0:
            return limit
    return None


def dead_letter_exchange(declarations: Sequence[Declaration], queue: str) -> str | None:
    """The dead letter exchange that the queue is declared with; None: it is declared with none."""
    for exchange in (each.arguments.get("x-dead-letter-exchange") for each in _actual(declarations, queue)):
        if exchange is not None:
            return str(exchange)
    return None


def is_kept(task: Task, queue: str | None) -> Verdict:
    """The task lies on some queue."""
    expected = f"task {task.token} on a queue"
    return Verdict(queue is not None, expected, "it is gone" if queue is None else f"it is on '{queue}'")


def places_of(book: Ledger, task: Task) -> list[str]:
    """The queues of its own to which the worker handed the task on when it let it go the last time.

    It did so by publishing a copy, or by rejecting the task on a queue that has a dead-letter exchange. Empty if it
    did neither, or to places that others have to make.
    """
    deliveries = book.of(task.mark)
    if not deliveries:
        return []
    last = deliveries[-1]
    names = [
        name for copy in made_while_held(last, book.carrying(task.mark)) for name in _targets(book, copy)
    ]
    if last.settled_by in ("Basic.Nack", "Basic.Reject") and not last.requeued:
        names += dead_letters_go(book, last.queue) or []
    return [name for name in dict.fromkeys(names) if name == last.queue or declaration(book, name)]


def seconds_on(book: Ledger, queue: str, task: Task) -> float | None:
    """The seconds after which the task leaves the queue, on which no worker takes it; None: it stays."""
    declared = declaration(book, queue)
    limits = [declared.arguments.get("x-message-ttl") if declared else None]
    copies = [copy for copy in book.carrying(task.mark) if queue in _targets(book, copy)]
    given = [str(copy.properties.expiration or "") for copy in copies]
    limits += [int(expiration) for expiration in given if expiration.isdigit()]
    return min((limit / 1000 for limit in limits if isinstance(limit, int)), default=None)


def ways_of_others(book: Ledger, queue: str, place: str) -> list[str]:
    """The exchanges, not the program's own, by which what is handed on to the place goes further. So is any that it
    names if others declare the queue from which it takes its tasks.
    """
    exchange = dead_letter_exchange(book.declarations, place)
    if not exchange or (dead_letters_go(book, place) is not None and declaration(book, queue) is not None):
        return []
    return [exchange]


def dead_letters_to_others(book: Ledger, task: Task) -> str | None:
    """The dead-letter exchange to which the task went when it was let go the last time, if others have to make that
    exchange or what lies behind it; None if it went nowhere, or to a queue of the program's own.
    """
    deliveries = book.of(task.mark)
    if not deliveries or places_of(book, task):
        return None
    last = deliveries[-1]
    rejected = last.settled_by in ("Basic.Nack", "Basic.Reject") and not last.requeued
    return dead_letter_exchange(book.declarations, last.queue) if rejected else None


def each_is_found(tasks: Mapping[Task, str | None], handed_on: Mapping[Task, Sequence[str]]) -> Verdict:
    """Each task that was handed on lies on some queue: `tasks` says on which, `handed_on` to where it was put."""
    expected = f"each of {len(handed_on)} tasks that were handed on lies on a queue"
    lost = [task for task in handed_on if tasks[task] is None]
    if lost:
        to = " and ".join(f"'{name}'" for name in handed_on[lost[0]])
        seen = f"{len(lost)} gone: {lost[0].token} was handed on to {to}, and is on no queue"
        return Verdict(False, expected, seen)
    return Verdict(True, expected, "so they do")


def _targets(book: Ledger, copy: Publication) -> list[str]:
    return routed(book, copy.exchange, copy.routing_key) or []


def _actual(declarations: Sequence[Declaration], queue: str) -> list[Declaration]:
    return [each for each in declarations if each.queue == queue and not each.passive]
