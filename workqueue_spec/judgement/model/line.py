"""The messages that wait for delivery, in the order in which they must come."""

from collections.abc import Collection, Iterator

from ..verdicts.ordering import Place


class Line:
    """The numbers of the messages that are ready.

    It is a list of groups: every message of a group comes before those of later groups, and the order within a
    group is open. A message in no group may come at any time.
    """

    def __init__(self) -> None:
        self._returned: set[int] = set()
        """What was given back and goes ahead of the others."""
        self._groups: list[set[int]] = []
        self._anywhere: set[int] = set()

    def __len__(self) -> int:
        return len(self._returned) + sum(map(len, self._groups)) + len(self._anywhere)

    def __contains__(self, number: int) -> bool:
        return any(number in group for group in self._all())

    def __iter__(self) -> Iterator[int]:
        for group in self._all():
            yield from sorted(group)

    def append(self, number: int) -> None:
        """Adds a message behind all others."""
        self._groups.append({number})

    def add_anywhere(self, numbers: Collection[int]) -> None:
        """Adds messages whose place is not known."""
        self._anywhere.update(numbers)

    def give_back(self, numbers: Collection[int], place: Place | None) -> None:
        """Adds messages that were given back together, at this place; None: the place is not known."""
        if not numbers:
            return
        match place:
            case Place.OLD:
                self._groups = sorted([*self._groups, *({each} for each in numbers)], key=min)
            case Place.FRONT:
                self._returned.update(numbers)
            case Place.TAIL:
                self._groups.append(set(numbers))
            case None:
                self.add_anywhere(numbers)

    def take(self, number: int) -> None:
        """Removes a message, wherever it is."""
        for group in self._all():
            group.discard(number)
        self._groups = [group for group in self._groups if group]

    def next(self) -> set[int]:
        """Which messages may come next."""
        first = self._returned or (self._groups[0] if self._groups else set())
        return first | self._anywhere

    def _all(self) -> list[set[int]]:
        return [self._returned, *self._groups, self._anywhere]
