"""What a broker keeps, and what it lets go."""

from collections.abc import Sequence

from ...broker.control import Counts
from ..ledger import Delivery, Ledger
from ..tasks import Task
from .verdict import Verdict


def never_delivered(ledger: Ledger, tasks: Sequence[Task]) -> Verdict:
    """None of the tasks comes. Nothing else need come either: that it could is shown before this is asked."""
    came = [task for task in tasks if ledger.of(task.mark)]
    return Verdict(bool(tasks) and not came, f"none of the {len(tasks)} delivered", f"{len(came)} delivered")


def fetched(delivery: Delivery | None, task: Task | None) -> Verdict:
    """What the client was given when it asked for one message is that task; None: nothing."""
    expected = f"task {task.token}" if task else "basic.get-empty"
    seen = f"a message {delivery.body[:40]!r}" if delivery else "basic.get-empty"
    right = delivery.carries(task.mark) if delivery and task else not (delivery or task)
    return Verdict(right, expected, seen)


def is_gone(queue: str, counts: Counts | None) -> Verdict:
    """The queue is not there any more."""
    seen = "it is not there" if counts is None else f"it is there, with {counts.ready} messages ready"
    return Verdict(counts is None, f"no queue '{queue}' (404)", seen)


def removes_nothing(ledger: Ledger, queue: str) -> Verdict:
    """The producer neither purged nor deleted the queue, before it was refused or its task was taken."""
    verdict = asks_for_no_removal(ledger, queue)
    return verdict & Verdict(bool(ledger.publications or ledger.closed), verdict.expected, verdict.seen)


def asks_for_no_removal(ledger: Ledger, queue: str) -> Verdict:
    """The queue was neither purged nor deleted. A program that did nothing at all keeps that too: what it was to
    do is asked besides.
    """
    expected = f"no queue.purge and no queue.delete on '{queue}'"
    removals = [removal for removal in ledger.removals if removal.queue in (queue, "")]
    if removals:
        return Verdict(False, expected, f"{removals[0].who} sent {removals[0].what.lower()}")
    return Verdict(True, expected, "none")


def still_holds(queue: str, counts: Counts | None, ready: int) -> Verdict:
    """The queue is there, and has what it had."""
    seen = "it is gone" if counts is None else f"it has {counts.ready}"
    holds = counts is not None and counts.ready == ready
    return Verdict(holds, f"'{queue}' with its {ready} messages", seen)
