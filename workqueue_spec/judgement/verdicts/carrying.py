"""Which deliveries carry which tasks, found with one look at each delivery, however many tasks there are."""

from collections.abc import Iterable, Iterator, Sequence

from ..encodings import holds
from ..ledger import Delivery
from ..tasks import Task, is_token, tokens_in


def by_mark(deliveries: Iterable[Delivery], marks: Iterable[bytes]) -> dict[bytes, list[Delivery]]:
    """The deliveries that carry each of the marks, in their order; a mark that no delivery carries is left out."""
    found: dict[bytes, list[Delivery]] = {}
    for delivery, carried in _marks(deliveries, marks):
        for mark in carried:
            found.setdefault(mark, []).append(delivery)
    return found


def numbers(deliveries: Iterable[Delivery], tasks: Sequence[Task]) -> list[list[int]]:
    """For each delivery the numbers of the tasks that it carries, counted from 1, in rising order."""
    of_marks: dict[bytes, list[int]] = {}
    for number, task in enumerate(tasks, 1):
        of_marks.setdefault(task.mark, []).append(number)
    return [
        sorted(number for mark in carried for number in of_marks[mark])
        for _, carried in _marks(deliveries, of_marks)
    ]


def _marks(deliveries: Iterable[Delivery], marks: Iterable[bytes]) -> Iterator[tuple[Delivery, set[bytes]]]:
    """Each delivery with those of the marks that it carries."""
    wanted = set(marks)
    tokens = {mark for mark in wanted if is_token(mark)}
    others = wanted - tokens
    for delivery in deliveries:
        carried = tokens_in(delivery.body) & tokens if tokens else set()
        yield delivery, carried | {mark for mark in others if holds(delivery.body, mark)}
