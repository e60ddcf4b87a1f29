"""Where one process under test is put, so that it finds its tap and no other."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ...wiretap import Listener, OwnPort


class Placement(Protocol):
    """A place for one process."""

    @property
    def address(self) -> Listener:
        """For its tap."""

    def command(self, command: Sequence[str]) -> list[str]:
        """The command that starts it here."""

    def started(self, pid: int) -> None:
        """Says which process it is."""

    def close(self) -> None:
        """Gives the spot up, once the process has ended and the tap is closed. May be called again."""


Placements = Callable[[str], Placement]
"""Makes a spot for the process that carries this mark in its environment, `workqueue_spec.broker.run.MARK`."""


class OwnPortPlacement:
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
