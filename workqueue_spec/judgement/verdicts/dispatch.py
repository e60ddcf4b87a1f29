"""Which consumer gets which message, and how many it holds at once."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from ..ledger import Delivery
from .settlement import came
from .verdict import Kind, Verdict


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
    of_holders: dict[Hashable, list[Delivery]] = {}
    for delivery in deliveries:
        of_holders.setdefault(holder(delivery), []).append(delivery)
    expected = f"at most {limit} unacknowledged at any time"
    most, too_many = 0, list[tuple[float, int, Delivery]]()
    for its in of_holders.values():
        for number, (at, held) in enumerate(_held(its)):
            most = max(most, held)
            if held > limit:
                too_many.append((at, held, sorted(its, key=lambda each: each.at)[number]))
                break
    if too_many:
        at, held, last = min(too_many, key=lambda each: each[0])
        return Verdict(False, expected, f"{held} held by {last.who} at +{at:.3f} s", came(last), Kind.HELD)
    return Verdict(True, expected, f"{most} at most")


def holds_again(before: int, deliveries: Sequence[Delivery]) -> Verdict:
    """At some time, at least as many of these deliveries were held at once as had been held before."""
    most = most_held(deliveries)
    expected = f"again {before} tasks at once, as before it lost its connection"
    return Verdict(most >= before, expected, f"{most} at once, though more were waiting")


def most_held(deliveries: Sequence[Delivery]) -> int:
    """The most of these deliveries that were held at once."""
    return max((held for _, held in _held(deliveries)), default=0)


def _held(deliveries: Sequence[Delivery]) -> Iterator[tuple[float, int]]:
    """The times of the deliveries in rising order, and how many of them are held then."""
    ends = sorted(until for each in deliveries if (until := each.held_until) is not None)
    ended = 0
    for begun, at in enumerate(sorted(each.at for each in deliveries), 1):
        # At equal times, what is settled is counted before what is delivered.
        while ended < len(ends) and ends[ended] <= at:
            ended += 1
        yield at, begun - ended


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
        seen = f"{len(behind)} of them given to {slow.who}, behind its slow task"
        return Verdict(False, expected, seen, came(behind[0]), Kind.HELD)
    if slow.held_until is not None and any(
        delivery.settled_at is None or delivery.settled_at > slow.held_until for delivery in quick
    ):
        return Verdict(False, expected, "the slow task was settled before the quick tasks")
    return Verdict(bool(quick), expected, f"{len(quick)} of them")


def _row(numbers: Iterable[int]) -> str:
    return "-".join(map(str, numbers))
