"""Holds back one kind of frame, while all others pass, or together with all that follow it."""

from collections.abc import Callable
from typing import TypeAlias

from .events import Side
from .frames import Frame

Unit: TypeAlias = list[tuple[float, Frame]]
"""Frames that belong together, a method and its content, each with its time of arrival."""


class Hold:
    """Frames of one name from one side, held back on every connection of a tap until released or dropped.

    A method that bears content is held with its content; with `and_after`, so is whatever its sender sends
    after it on that connection. What is held of a connection that ends is lost. `held`, `release` and `drop`
    may be used in any thread.
    """

    def __init__(
        self,
        name: str,
        sender: Side,
        finish: Callable[["Hold", bool], None],
        *,
        and_after: bool = False,
        chance: Callable[[], bool] | None = None,
    ) -> None:
        """`finish` is called with the hold, and with whether to forward what it has kept. `chance` is asked once
        for each frame of the name, and says whether this frame is held; None: each is.
        """
        self.sender = sender
        self._name = name
        self._and_after = and_after
        self._chance = chance
        self._finish = finish
        self._units: list[tuple[int, Unit]] = []
        """Each with the number of its connection."""

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

    # For the directions of the connections, which give their connection's number

    def wants(self, connection: int, name: str) -> bool:
        """Whether a frame of this name may be held on that connection. Content goes the way of its method."""
        return name == self._name or self._follows(connection)

    def catches(self, connection: int, name: str) -> bool:
        """Whether a frame is to be held. Asked once for each frame, when the frame is whole."""
        if self._follows(connection):
            return True
        return name == self._name and (self._chance is None or self._chance())

    def keep(self, connection: int, at: float, frame: Frame) -> None:
        """Takes a frame instead of its receiver; content goes to the method before it."""
        if frame.is_content:
            for number, unit in reversed(self._units):
                if number == connection and unit[0][1].channel == frame.channel and unit[0][1].is_method:
                    unit.append((at, frame))
                    return
        self._units.append((connection, [(at, frame)]))

    def take(self, connection: int) -> list[Unit]:
        """What is held of that connection, which is held no longer."""
        taken = [unit for number, unit in self._units if number == connection]
        self._units = [(number, unit) for number, unit in self._units if number != connection]
        return taken

    def _follows(self, connection: int) -> bool:
        return self._and_after and any(number == connection for number, _ in self._units)
