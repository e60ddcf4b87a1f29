"""Reading a list that grows, without reading anything twice."""

from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Unread(Generic[Item]):
    """The items of a growing list that were not read yet.

    Each iteration goes from the first unread item to the one that is the last when the iteration begins.
    """

    def __init__(self, growing: list[Item]) -> None:
        self._growing = growing
        self._read = 0

    def __iter__(self) -> Iterator[Item]:
        for item in self._growing[self._read :]:
            self._read += 1
            yield item
