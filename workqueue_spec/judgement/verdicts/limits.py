"""How many messages a broker delivers to a consumer before one of them is settled."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping

from ..ledger import Channel, Delivery
from .dispatch import by_consumer
from .verdict import Verdict


def each_holds(limits: Mapping[tuple[Channel, str], int], deliveries: Iterable[Delivery]) -> Verdict:
    """Each consumer holds exactly as many deliveries as its limit."""
    held = Counter[Hashable](by_consumer(each) for each in deliveries if each.held_until is None)
    expected = " and ".join(f"{limit} held by consumer {n}" for n, limit in enumerate(limits.values(), 1))
    seen = [held[consumer] for consumer in limits]
    return Verdict(seen == list(limits.values()), expected, f"{' and '.join(map(str, seen))} held")


def together_hold(limit: int, deliveries: Iterable[Delivery]) -> Verdict:
    """All consumers together hold exactly as many deliveries as the limit."""
    held = sum(each.held_until is None for each in deliveries)
    return Verdict(held == limit, f"{limit} held by all consumers together", f"{held}")
