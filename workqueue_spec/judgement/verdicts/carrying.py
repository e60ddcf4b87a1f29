"""Which deliveries carry which tasks, found with one look at each delivery, however many tasks there are."""

from collections.abc import Callable, Iterable, Sequence, Set

from ..encodings import holds
from ..ledger import Delivery
from ..tasks import Task, is_token, tokens_in


def by_mark(deliveries: Iterable[Delivery], marks: Iterable[bytes]) -> dict[bytes, list[Delivery]]:
    """The deliveries that carry each of the marks, in their order; a mark that no delivery carries is left out."""
    found: dict[bytes, list[Delivery]] = {}
    carried = _finder(marks)
    for delivery in deliveries:
        for mark in carried(delivery.body):
            if mark in found:
                found[mark].append(delivery)
            else:
                found[mark] = [delivery]
    return found


def numbers(deliveries: Iterable[Delivery], tasks: Sequence[Task]) -> list[list[int]]:
    """For each delivery the numbers of the tasks that it carries, counted from 1, in rising order."""
    of_marks: dict[bytes, list[int]] = {}
    for number, task in enumerate(tasks, 1):
        of_marks.setdefault(task.mark, []).append(number)
    carried = _finder(of_marks)
    return [
        sorted(number for mark in carried(delivery.body) for number in of_marks[mark])
        for delivery in deliveries
    ]


def _finder(marks: Iterable[bytes]) -> Callable[[bytes], Set[bytes]]:
    """A function that tells which of the marks a body carries."""
    wanted = set(marks)
    tokens = {mark for mark in wanted if is_token(mark)}
    others = wanted - tokens

    def carried(body: bytes) -> Set[bytes]:
        found = tokens_in(body) & tokens if tokens else set()
        return found | {mark for mark in others if holds(body, mark)} if others else found

    return carried
