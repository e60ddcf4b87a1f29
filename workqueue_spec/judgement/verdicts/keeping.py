"""What a broker keeps, and what it drops."""

from collections.abc import Sequence

from ...broker.control import Counts
from ..ledger import Delivery, Ledger
from ..tasks import Task
from .verdict import Moment, Verdict


def never_delivered(ledger: Ledger, tasks: Sequence[Task]) -> Verdict:
    """None of the tasks is delivered.

    It holds as well if nothing at all is delivered: the test shows before that a delivery would be seen.
    """
    came = [task for task in tasks if ledger.of(task.mark)]
    return Verdict(bool(tasks) and not came, f"none of the {len(tasks)} delivered", f"{len(came)} delivered")


def fetched(delivery: Delivery | None, task: Task | None) -> Verdict:
    """The message that the client fetched is this task. A delivery or task of None means an empty queue."""
    expected = f"task {task.token}" if task else "basic.get-empty"
    seen = f"a message {delivery.body[:40]!r}" if delivery else "basic.get-empty"
    right = delivery.carries(task.mark) if delivery and task else not (delivery or task)
    return Verdict(right, expected, seen)


def is_gone(queue: str, counts: Counts | None) -> Verdict:
    """The queue does not exist any more."""
    seen = "it does not exist" if counts is None else f"it exists, with {counts.ready} messages ready"
    return Verdict(counts is None, f"no queue '{queue}' (404)", seen)


def removes_nothing(ledger: Ledger, queue: str) -> Verdict:
    """The producer neither purged nor deleted the queue.

    It must have published, or have been closed, to be judged.
    """
    verdict = asks_for_no_removal(ledger, queue)
    return verdict & Verdict(bool(ledger.publications or ledger.closed), verdict.expected, verdict.seen)


def asks_for_no_removal(ledger: Ledger, queue: str) -> Verdict:
    """The program neither purged nor deleted the queue.

    It holds as well if the program did nothing at all: the test asks besides whether the program did something.
    """
    expected = f"no queue.purge and no queue.delete on '{queue}'"
    removals = [removal for removal in ledger.removals if removal.queue in (queue, "")]
    if removals:
        removed = Moment(removals[0].who, removals[0].at, removals[0].what)
        return Verdict(False, expected, f"{removals[0].who} sent {removals[0].what.lower()}", removed)
    return Verdict(True, expected, "none")


def still_holds(queue: str, counts: Counts | None, ready: int) -> Verdict:
    """The queue exists, and has exactly `ready` messages."""
    seen = "it is gone" if counts is None else f"it has {counts.ready}"
    holds = counts is not None and counts.ready == ready
    return Verdict(holds, f"'{queue}' with its {ready} messages", seen)
