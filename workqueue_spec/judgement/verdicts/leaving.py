"""How a worker ends when it is told to stop."""

from collections.abc import Sequence

from ..ledger import Delivery
from .settlement import TIMER, settled
from .verdict import LAST_EXIT, Kind, Verdict

PROMPTLY = 5.0
"""Seconds within which an idle worker must end: half of the ten that `docker stop` gives before it kills."""


def left_promptly(status: int, seconds: float) -> Verdict:
    """The worker ended by itself, with status 0, within PROMPTLY seconds."""
    expected = f"exit status 0 within {PROMPTLY:g} s of the signal"
    return _ended(status == 0 and seconds <= PROMPTLY, expected, f"{_status(status)} after {seconds:.1f} s")


def gone_promptly(seconds: float, limit: float = PROMPTLY) -> Verdict:
    """The worker ended within `limit` seconds, with any status."""
    return _ended(seconds <= limit, f"gone within {limit:g} s of the signal", f"gone after {seconds:.1f} s")


def left_after_its_work(status: int, delivery: Delivery, work: float) -> Verdict:
    """The worker finished its current task, acknowledged it, and ended with status 0."""
    expected = f"the task acknowledged after its work of {work:.2f} s, then exit status 0"
    if not delivery.acknowledged or delivery.settled_at is None:
        what = "unsettled" if delivery.settled_by is None else f"settled by {delivery.settled_by}"
        return _ended(False, expected, f"{_status(status)}, and the task {what}")
    took = delivery.settled_at - delivery.at
    seen = f"acknowledged after {took:.3f} s, then {_status(status)}"
    if took < work - TIMER:
        return Verdict(False, expected, seen, settled(delivery), Kind.EARLY)
    return _ended(status == 0, expected, seen)


def left_after_their_work(status: int, deliveries: Sequence[Delivery], work: float, at_work: int) -> Verdict:
    """The worker finished the tasks that it was at work on, at least `at_work` of equal tasks, and acknowledged
    them; then it ended with status 0. `work` is the seconds that each task takes.
    """
    expected = f"{at_work} tasks or more acknowledged after their work of {work:.2f} s, then exit status 0"
    took = sorted(
        each.settled_at - each.at for each in deliveries if each.acknowledged and each.settled_at is not None
    )
    if took and took[0] < work - TIMER:
        return Verdict(False, expected, f"one acknowledged after {took[0]:.3f} s, then {_status(status)}")
    seen = f"{len(took)} of {len(deliveries)} acknowledged, then {_status(status)}"
    return Verdict(status == 0 and len(took) >= at_work, expected, seen)


def takes_no_other_task(deliveries: Sequence[Delivery]) -> Verdict:
    """No task that was delivered after the signal was settled, unless it was requeued.

    The broker may still push a task, which the worker then gives back when it ends.
    """
    expected = "no other task settled after the signal"
    for delivery in deliveries:
        if delivery.no_ack or (delivery.settled_by is not None and not delivery.requeued):
            how = f"and settled it by {delivery.settled_by}" if delivery.settled_by else "in no-ack mode"
            seen = f"{delivery.who} took another one after the signal, {how}"
            return Verdict(False, expected, seen, settled(delivery), Kind.NO_ACK if delivery.no_ack else None)
    return Verdict(
        True, expected, f"{len(deliveries)} delivered, and given back" if deliveries else "none came"
    )


def ended_with_success(status: int) -> Verdict:
    """The worker ended by itself, with status 0."""
    return _ended(status == 0, "exit status 0", _status(status))


def ended_as_a_failure(status: int) -> Verdict:
    """The worker ended with a status other than 0."""
    return _ended(status != 0, "it asks for tasks again, or ends with a status other than 0", _status(status))


def _ended(holds: bool, expected: str, seen: str) -> Verdict:
    """A verdict on how or when the worker ended."""
    return Verdict(True, expected, seen) if holds else Verdict(False, expected, seen, LAST_EXIT, Kind.STATUS)


_BY_THE_SIGNAL = (-2, -15, 130, 143)
"""What a process ends with if SIGINT or SIGTERM ends it, directly or through a shell."""


def _status(status: int) -> str:
    shown = f"exit status {status}" if status >= 0 else f"ended by signal {-status}"
    if status in _BY_THE_SIGNAL:
        return f"{shown} (the signal ended it; if a shell starts the program, let the shell do so by `exec`)"
    return shown
