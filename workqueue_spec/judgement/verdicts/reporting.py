"""How a producer reports the broker's reply, or that no reply came: whether its success can be relied on."""

from collections.abc import Sequence
from typing import NamedTuple

from ..ledger import Delivery, Publication
from ..tasks import Task
from .carrying import numbers
from .verdict import LAST_EXIT, Kind, Moment, Verdict

TAKEN = ("Basic.Ack", "Tx.CommitOk")
"""The methods by which a broker says that it has taken a task."""


def nothing_reported_yet(status: int | None) -> Verdict:
    """The program has not reported success while the task or its confirm is held back."""
    expected = "no success while the task or its confirm is held back"
    if status == 0:
        return Verdict(False, expected, "it ended with status 0", LAST_EXIT, Kind.UNCONFIRMED)
    return Verdict(True, expected, "still running" if status is None else f"it ended with status {status}")


def success_is_confirmed(status: int | None, publications: Sequence[Publication], came: int) -> Verdict:
    """The program reports success only if the broker has confirmed the task.


    If it reports a failure, then `came` faults must have reached it before: a program that crashes in any case
    proves nothing. A program that still runs (its status is None) has not reported success, but a fault must have
    reached it, too.
    """
    if status is None:
        return Verdict(came > 0, "no success without a confirm, after the fault", "still running")
    if status != 0:
        return fails_after_the_fault(status, came)
    expected = "a status other than 0, or the task confirmed by the broker before the end"
    replies = [publication.confirmed_by for publication in publications if publication.confirmed_by]
    if any(reply in TAKEN for reply in replies):
        return Verdict(True, expected, "status 0 and a confirm")
    seen = f"status 0, and {', '.join(replies) or 'no confirm'} from the broker"
    return Verdict(False, expected, seen, LAST_EXIT, Kind.UNCONFIRMED)


def fails_after_the_fault(status: int, came: int) -> Verdict:
    """The program reports a failure, after at least one of `came` faults; not because of something before."""
    expected = "a status other than 0, after the fault"
    when = "after" if came else "before"
    decided_by = LAST_EXIT if status == 0 else None
    return Verdict(status != 0 and came > 0, expected, f"status {status}, {when} the fault", decided_by)


class Told(NamedTuple):
    """What one of several producers was told, and what was published of its task."""

    who: str
    status: int | None
    """Its exit status; None if it still runs."""
    publications: Sequence[Publication]

    @property
    def is_confirmed(self) -> bool:
        """Whether the broker has taken its task."""
        return any(each.confirmed_by in TAKEN for each in self.publications)


def first_is_confirmed(told: Sequence[Told]) -> Verdict:
    """The broker has taken at least one of the tasks."""
    taken = sum(each.is_confirmed for each in told)
    return Verdict(taken > 0, "a confirm of one of the tasks", f"{taken} of {len(told)} tasks confirmed")


def told_truly(told: Sequence[Told]) -> Verdict:
    """No producer was told that its task is sent, unless the broker has confirmed that task."""
    expected = "no success without a confirm of the same task"
    for each in told:
        if each.status == 0 and not each.is_confirmed:
            replies = ", ".join(reply.confirmed_by for reply in each.publications if reply.confirmed_by)
            seen = f"{each.who} ended with status 0, and {replies or 'no confirm'} of its task came"
            return Verdict(False, expected, seen, Moment(each.who, None, "exited"), Kind.UNCONFIRMED)
    return Verdict(True, expected, f"none among {len(told)}")


def is_sent(came: Sequence[float]) -> Verdict:
    """The program has sent a task; `came` are the times."""
    return Verdict(bool(came), "a task is sent", f"{len(came)} came")


def same_message_id(publications: Sequence[Publication]) -> Verdict:
    """All copies of a task have the same message id."""
    ids = [publication.properties.message_id for publication in publications]
    expected = f"one message_id on all {len(ids)} copies"
    if not all(ids):
        return Verdict(False, expected, "none")
    return Verdict(len(set(ids)) == 1, expected, f"{len(set(ids))} different ones")


def in_order(deliveries: Sequence[Delivery], tasks: Sequence[Task]) -> Verdict:
    """The tasks are delivered in the order in which they were published; redeliveries do not count."""
    came = [next(iter(of_delivery), 0) for of_delivery in numbers(deliveries, tasks)]
    firsts = list(dict.fromkeys(came))
    wanted = list(range(1, len(tasks) + 1))
    return Verdict(firsts == wanted, f"the tasks in the order {wanted}", f"{firsts}")
