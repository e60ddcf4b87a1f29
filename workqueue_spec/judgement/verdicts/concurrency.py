"""How many tasks a worker works on at once, as far as the wire tells.

Nobody sees from outside when the work of a task begins. But it begins after the delivery and ends before the
acknowledgement, and it takes a known time. If a task that takes 2 s is acknowledged 3 s after its delivery, it
was at work for certain from 1 s after its delivery to 2 s after it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..ledger import Delivery
from ..tasks import Task
from .carrying import by_mark
from .settlement import TIMER
from .verdict import Verdict

_LATER = 200
"""How many later deliveries are looked at together with each delivery: so the time does not grow with its
square."""


@dataclass(frozen=True)
class _Done:
    """A task that one delivery brought, and that was acknowledged after its work."""

    at: float
    until: float
    work: float


def at_work_at_most(
    limit: int, deliveries: Sequence[Delivery], work: Sequence[tuple[Task, float]]
) -> Verdict:
    """A worker with these deliveries never worked on more than `limit` tasks at once.

    `work` holds tasks, each with the seconds that its work takes. A task that was delivered to the worker more than
    once is left out, since the worker may know a duplicate as done; so is one that was acknowledged before its work
    can be done, since that breaks another promise.

    Both are wrong that cannot be told apart: to work on more tasks, and to acknowledge a task that is not done.
    """
    expected = f"at most {limit} tasks at work at any time"
    done = list(_done(deliveries, work))
    at, most = _most_at_work(done)
    if most > limit:
        return Verdict(
            False, expected, f"{most} at +{at:.3f} s, as their deliveries, work and acknowledgements tell"
        )
    for tasks, seconds, took in _together(done):
        if seconds > limit * took:
            seen = (
                f"{tasks} tasks with {seconds:.2f} s of work delivered and acknowledged within {took:.2f} s"
            )
            return Verdict(False, expected, seen)
    return Verdict(True, expected, f"{most} for certain, of {len(done)} tasks")


def most_at_work(deliveries: Sequence[Delivery], work: Sequence[tuple[Task, float]]) -> int:
    """The most tasks that a worker with these deliveries worked on at once, for certain."""
    return _most_at_work(list(_done(deliveries, work)))[1]


def _done(deliveries: Sequence[Delivery], work: Sequence[tuple[Task, float]]) -> Iterator[_Done]:
    """The tasks of which the work is done for certain. Its seconds are those that the worker's timer needs."""
    of_tasks = by_mark(deliveries, [task.mark for task, _ in work])
    for task, seconds in work:
        of_task = of_tasks.get(task.mark, [])
        if len(of_task) == 1 and of_task[0].acknowledged and of_task[0].settled_at is not None:
            done = _Done(of_task[0].at, of_task[0].settled_at, seconds - TIMER)
            if 0 < done.work <= done.until - done.at:
                yield done


def _most_at_work(done: Sequence[_Done]) -> tuple[float, int]:
    """When the most tasks were at work for certain, and how many."""
    changes = []
    for each in done:
        begun, not_ended = each.until - each.work, each.at + each.work
        if begun < not_ended:
            changes += [(begun, 1), (not_ended, -1)]
    at_work, most = 0, (0.0, 0)
    for at, change in sorted(changes):
        at_work += change
        if at_work > most[1]:
            most = at, at_work
    return most


def _together(done: Sequence[_Done]) -> Iterator[tuple[int, float, float]]:
    """For each time from a delivery to an acknowledgement: how many tasks were delivered and acknowledged in it,
    the seconds of their work, and its own seconds.
    """
    in_order = sorted(done, key=lambda each: each.at)
    for number, first in enumerate(in_order):
        seconds = 0.0
        later = sorted(in_order[number : number + _LATER], key=lambda each: each.until)
        for tasks, each in enumerate(later, 1):
            seconds += each.work
            yield tasks, seconds, each.until - first.at
