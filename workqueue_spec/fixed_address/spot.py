"""Where one process under test is put, so that it finds its tap and no other."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ..wiretap import Address, OwnPort


class Spot(Protocol):
    """A place for one process."""

    @property
    def address(self) -> Address:
        """For its tap."""

    def command(self, command: Sequence[str]) -> list[str]:
        """The command that starts it here."""

    def started(self, pid: int) -> None:
        """Says which process it is."""

    def close(self) -> None:
        """Gives the spot up, once the process has ended and the tap is closed. May be called again."""


Spots = Callable[[str], Spot]
"""Makes a spot for the process that carries this mark in its environment, `workqueue_spec.run.MARK`."""


class Anywhere:
    """For a program that connects where it is told to: its tap has a port of its own."""

    def __init__(self, mark: str) -> None:
        self.address = OwnPort()

    def command(self, command: Sequence[str]) -> list[str]:
        return list(command)

    def started(self, pid: int) -> None: ...

    def close(self) -> None: ...


def hosts(name: str) -> tuple[str, ...]:
    """The addresses of this machine that a name stands for: IPv4, which is always there, comes first.

    `localhost` is two, since a program may try either.
    """
    return ("127.0.0.1", "::1") if name == "localhost" else (name,)
