"""Holding back one kind of frame, while the others pass or with all that follow it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .events import Side
from .frames import Frame

if TYPE_CHECKING:
    from .direction import Direction, Unit


class Hold:
    """Frames of one name from one side, held back on every connection of a tap until released or dropped.

    A method that bears content is held with its content; with `and_after`, so is whatever its sender sends
    after it on that connection. What is held of a connection that ends is lost. All of it may be called from
    any thread.
    """

    def __init__(
        self, name: str, sender: Side, finish: Callable[["Hold", bool], None], *, and_after: bool = False
    ) -> None:
        self.sender = sender
        self._name = name
        self._and_after = and_after
        self._finish = finish
        self._units: list[tuple[Direction, Unit]] = []

    @property
    def held(self) -> int:
        """How many are held now; a method counts one together with its content."""
        return len(self._units)

    def release(self) -> None:
        """Forwards what is held, in its order, and holds nothing more."""
        self._finish(self, True)

    def drop(self) -> None:
        """Forgets what is held, and holds nothing more."""
        self._finish(self, False)

    def wants(self, direction: "Direction", name: str) -> bool:
        """Whether a frame of this name is held in that direction. Content goes the way of its method."""
        return name == self._name or (self._and_after and any(other is direction for other, _ in self._units))

    def keep(self, direction: "Direction", at: float, frame: Frame) -> None:
        """Takes a frame instead of its receiver; content goes to the method before it."""
        if frame.is_content:
            for other, unit in reversed(self._units):
                if other is direction and unit[0][1].channel == frame.channel and unit[0][1].is_method:
                    unit.append((at, frame))
                    return
        self._units.append((direction, [(at, frame)]))

    def forget(self, direction: "Direction") -> None:
        """Loses what it holds of a direction that has ended."""
        self._units = [(other, unit) for other, unit in self._units if other is not direction]

    def take(self) -> "list[tuple[Direction, Unit]]":
        """All that is held, which it holds no longer."""
        units, self._units = self._units, []
        return units
