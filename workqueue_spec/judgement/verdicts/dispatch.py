"""Which consumer gets which message, and how many it holds at once."""

from collections.abc import Callable, Hashable, Iterable, Sequence

from ..ledger import Delivery
from .verdict import Verdict


def by_party(delivery: Delivery) -> Hashable:
    """Counts held deliveries for each party, as the tutorial means the prefetch limit."""
    return delivery.who


def by_consumer(delivery: Delivery) -> Hashable:
    """Counts held deliveries for each consumer on a channel, as RabbitMQ means the prefetch limit."""
    return (delivery.channel, delivery.consumer_tag)


def holds_at_most(
    limit: int, deliveries: Iterable[Delivery], holder: Callable[[Delivery], Hashable] = by_party
) -> Verdict:
    """No holder has more than `limit` deliveries at a time that are neither settled nor taken back by the broker.

    A delivery in no-ack mode is settled by being delivered, so it is never held.
    """
    numbered = list(deliveries)
    steps: list[tuple[float, int, int]] = []
    for number, delivery in enumerate(numbered):
        steps.append((delivery.at, 1, number))
        if (until := delivery.held_until) is not None:
            steps.append((until, -1, number))
    held: dict[Hashable, int] = {}
    expected = f"at most {limit} unacknowledged at any time"
    most = 0
    # At equal times, what is settled is counted before what is delivered.
    steps.sort()
    for at, change, number in steps:
        by = holder(numbered[number])
        now = held.get(by, 0) + change
        held[by] = now
        if now > limit:
            return Verdict(False, expected, f"{now} held by {numbered[number].who} at +{at:.3f} s")
        most = max(most, now)
    return Verdict(True, expected, f"{most} at most")


def round_robin(deliveries: Sequence[Delivery], consumers: Sequence[Hashable]) -> Verdict:
    """The deliveries went to each of the consumers in turn, again and again.

    The broker chooses the first consumer: RabbitMQ continues its rotation from the last delivery.
    """
    order = [by_consumer(delivery) for delivery in deliveries]
    names = {consumer: number for number, consumer in enumerate(consumers, 1)}
    seen = [names.get(consumer, 0) for consumer in order]
    n = len(consumers)
    expected = f"each of the {n} consumers in turn, such as {_row((i % n) + 1 for i in range(len(order)))}"
    turns = all(len(set(order[i : i + n])) == min(n, len(order) - i) for i in range(len(order)))
    return Verdict(turns and 0 not in seen and len(order) >= n, expected, f"consumers {_row(seen)}")


def overtaken(slow: Delivery, quick: Sequence[Delivery]) -> Verdict:
    """Other workers acknowledged all quick tasks while one worker held the slow task."""
    expected = f"all {len(quick)} quick tasks done by another worker while {slow.who} has the slow task"
    behind = [delivery for delivery in quick if delivery.who == slow.who]
    if behind:
        return Verdict(False, expected, f"{len(behind)} of them given to {slow.who}, behind its slow task")
    if slow.held_until is not None and any(
        delivery.settled_at is None or delivery.settled_at > slow.held_until for delivery in quick
    ):
        return Verdict(False, expected, "the slow task was settled before the quick tasks")
    return Verdict(bool(quick), expected, f"{len(quick)} of them")


def _row(numbers: Iterable[int]) -> str:
    return "-".join(map(str, numbers))
