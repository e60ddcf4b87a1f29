"""What a worker does with a task that fails."""

import re
from collections.abc import Iterable, Sequence

from ..ledger import Delivery, Publication
from ..tasks import Task
from .handing_on import made_while_held
from .retrying import no_hot_loop
from .settlement import came, settled
from .verdict import Kind, Verdict

MOST_ATTEMPTS = 25
"""Deliveries of one task that are still acceptable: a quorum queue gives up after 21 by default."""


_THE_KEY = (
    "its text holds the word that makes a task fail, 'error' unless failing_word in the profile names another one "
    '(failing_word = "" if no task fails)'
)
"""What a person looks at whose program has another such word, or none."""


def no_longer_held(deliveries: Sequence[Delivery]) -> Verdict:
    """The task was delivered, and no client holds it now."""
    held = [delivery for delivery in deliveries if delivery.held_until is None]
    seen = f"{held[0].who} still holds it" if held else f"delivered {len(deliveries)} times"
    return Verdict(bool(deliveries) and not held, "the task delivered, and no longer held", seen)


def not_acknowledged_though_failed(
    deliveries: Sequence[Delivery], publications: Sequence[Publication], task: Task
) -> Verdict:
    """The failed task is never acknowledged, unless the worker published a copy of the task before.

    A worker that retries by publishing the task again has to acknowledge the old message.
    """
    expected = "the failed task not acknowledged, or handed on to another queue before"
    copies = [publication for publication in publications if publication.carries(task.mark)]
    for number, delivery in enumerate(deliveries):
        if delivery.no_ack:
            seen = f"{delivery.who} takes tasks in no-ack mode"
            return Verdict(False, expected, seen, came(delivery), Kind.NO_ACK)
        if not delivery.acknowledged or delivery.settled_at is None:
            continue
        if not made_while_held(delivery, copies):
            took = delivery.settled_at - delivery.at
            return Verdict(
                False,
                expected,
                f"{delivery.who} acknowledged it {took:.3f} s after delivery {number + 1}; {_THE_KEY}",
                settled(delivery),
            )
    return Verdict(bool(deliveries), expected, f"delivered {len(deliveries)} times, and never acknowledged")


def not_handed_on(delivery: Delivery, publications: Sequence[Publication], task: Task) -> bool:
    """Whether the worker published no copy of the task while it held this delivery."""
    return not made_while_held(delivery, [each for each in publications if each.carries(task.mark)])


def not_acknowledged_though_killed(
    deliveries: Sequence[Delivery], publications: Sequence[Publication], task: Task
) -> Verdict:
    """The task whose process was killed is never acknowledged, unless the worker published a copy of it before."""
    expected = "the task not acknowledged, or handed on to another queue before"
    for delivery in deliveries:
        if delivery.acknowledged and not_handed_on(delivery, publications, task):
            seen = f"{delivery.who} acknowledged it after its process was killed"
            return Verdict(False, expected, seen, settled(delivery))
    return Verdict(bool(deliveries), expected, f"delivered {len(deliveries)} times, and not acknowledged")


def retried_within_bounds(deliveries: Sequence[Delivery]) -> Verdict:
    """The task was not retried endlessly, nor without a pause: a retry at once is likely to fail again."""
    number = len(deliveries)
    bounded = Verdict(
        number <= MOST_ATTEMPTS, f"at most {MOST_ATTEMPTS} attempts at the task", f"{number} attempts"
    )
    return no_hot_loop([delivery.at for delivery in deliveries], "do the task") & bounded


def leaves_a_trace(
    deliveries: Sequence[Delivery],
    queue: str | None,
    said: Sequence[str],
    usual: Sequence[str],
    tasks: list[Task],
) -> Verdict:
    """The failed task is still on a queue or held, or the program's output tells of the failure.

    `said` are the lines of output since the task was delivered, `usual` the lines about tasks that succeeded. A
    line that differs from a usual line only in the task's text and in numbers tells nothing of a failure.
    """
    expected = "the failed task on some queue, or its failure told in the output"
    if not deliveries:
        return Verdict(False, expected, "it was never delivered")
    if queue is not None:
        return Verdict(True, expected, f"it is on '{queue}'")
    if deliveries[-1].held_until is None:
        return Verdict(True, expected, f"{deliveries[-1].who} still holds it")
    shapes = set(_shapes(usual, tasks))
    telling = [
        line for line, shape in zip(said, _shapes(said, tasks), strict=True) if shape and shape not in shapes
    ]
    if telling:
        return Verdict(True, expected, f"the output: {telling[0][:80]!r}")
    how = deliveries[-1].settled_by or "taken in no-ack mode"
    return Verdict(
        False,
        expected,
        f"gone ({how}), and the output is as for tasks that succeed: {list(said)[-3:]}; {_THE_KEY}",
    )


def counted_by_the_broker(deliveries: Sequence[Delivery]) -> Verdict:
    """The broker's own headers in each redelivered message count the attempts before."""
    expected = "x-delivery-count or x-death, kept by the broker, in a task that is tried again"
    for number, delivery in enumerate(deliveries[1:], 2):
        headers = delivery.properties.headers or {}
        count = headers.get("x-delivery-count")
        if not (isinstance(count, int) and count > 0) and not headers.get("x-death"):
            names = ", ".join(sorted(map(str, headers))) or "none"
            return Verdict(False, expected, f"delivery {number} without; its headers: {names}")
    return Verdict(len(deliveries) > 1, expected, f"in {len(deliveries) - 1} of them")


def _shapes(lines: Iterable[str], tasks: Sequence[Task]) -> list[str]:
    """The lines without what differs from task to task: the task's text, and each word that holds a digit."""
    shapes = []
    for line in lines:
        for task in tasks:
            line = line.replace(task.text, "").replace(task.token, "")
        shapes.append(re.sub(r"[\w.:,+-]*\d[\w.:,+-]*", "#", line).strip())
    return shapes
