"""What a producer makes of the broker's answer, or of none: whether its success can be relied on."""

from collections.abc import Sequence

from ..ledger import Delivery, Publication
from ..tasks import Task
from .verdict import Verdict

TAKEN = ("Basic.Ack", "Tx.CommitOk")
"""By what a broker says that it has taken a task."""


def nothing_reported_yet(status: int | None) -> Verdict:
    """The program has not reported success while the broker can't have the task, or has not said so."""
    return Verdict(
        status != 0,
        "no success while the task or its confirm is held back",
        "still running" if status is None else f"it ended with status {status}",
    )


def success_is_confirmed(status: int | None, publications: Sequence[Publication], came: int) -> Verdict:
    """Success is reported only of a task that the broker has said that it took.

    A program that failed must have met with the trouble first: one that crashes anyway shows nothing. Nor has a
    program reported success that still runs: its status is None.
    """
    if status is None:
        return Verdict(came > 0, "no success without a confirm, after the trouble came", "still running")
    if status != 0:
        return fails_in_trouble(status, came)
    expected = "a status other than 0, or the task confirmed by the broker before the end"
    answers = [publication.confirmed_by for publication in publications]
    if any(answer in TAKEN for answer in answers):
        return Verdict(True, expected, "status 0 and a confirm")
    told = [answer for answer in answers if answer]
    return Verdict(False, expected, f"status 0, and {', '.join(told) or 'no confirm'} from the broker")


def fails_in_trouble(status: int, came: int) -> Verdict:
    """It reports a failure, and of the trouble that was made for it, not of something before."""
    expected = "a status other than 0, after the trouble came"
    when = "after" if came else "before"
    return Verdict(status != 0 and came > 0, expected, f"status {status}, {when} it came")


def is_sent(came: Sequence[float]) -> Verdict:
    """The program has sent a task, at the times given."""
    return Verdict(bool(came), "a task is sent", f"{len(came)} came")


def same_message_id(publications: Sequence[Publication]) -> Verdict:
    """All copies of a task are known as one by their message id."""
    ids = [publication.properties.message_id for publication in publications]
    expected = f"one message_id on all {len(ids)} copies"
    if not all(ids):
        return Verdict(False, expected, "none")
    return Verdict(len(set(ids)) == 1, expected, f"{len(set(ids))} different ones")


def in_order(deliveries: Sequence[Delivery], tasks: Sequence[Task]) -> Verdict:
    """The tasks come off the queue in the order in which they were put on it."""
    came = [next((n for n, task in enumerate(tasks, 1) if each.carries(task.mark)), 0) for each in deliveries]
    firsts = list(dict.fromkeys(came))
    wanted = list(range(1, len(tasks) + 1))
    return Verdict(firsts == wanted, f"the tasks in the order {wanted}", f"{firsts}")


def vouched_for(status: int | None, publications: Sequence[Publication]) -> bool:
    """Whether a producer that ended with this status is to be believed that its task will be done.

    One that has published, and was told of no confirm, reports what it cannot know: that is P02's affair, and
    chance decides what becomes of the task. One that has published nothing has lost it.
    """
    confirmed = any(publication.confirmed_by is not None for publication in publications)
    return status == 0 and (confirmed or not publications)
