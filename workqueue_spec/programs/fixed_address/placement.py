"""Where one process under test is started, so that it finds its own tap and no other."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ...wiretap import Listener, OwnPort


class Placement(Protocol):
    """A place for one process, with a tap of its own."""

    @property
    def address(self) -> Listener:
        """The address that the process's tap listens at."""

    def command(self, command: Sequence[str]) -> list[str]:
        """The command line that starts `command` in this placement."""

    def started(self, pid: int) -> None:
        """Tells the placement the id of the process that was started in it."""

    def close(self) -> None:
        """Closes the placement, after the process has ended and the tap is closed. May be called again."""


Placements = Callable[[str], Placement]
"""Makes a placement for the process that carries this mark in its environment, `workqueue_spec.broker.run.MARK`."""


class OwnPortPlacement:
    """For a program that connects where it is told to: its tap has a port of its own."""

    def __init__(self, mark: str) -> None:
        self.address = OwnPort()

    def command(self, command: Sequence[str]) -> list[str]:
        """The command as it is."""
        return list(command)

    def started(self, pid: int) -> None:
        """Does nothing: the port alone tells whose connection it is."""

    def close(self) -> None:
        """Does nothing: the tap closes its own port."""


def hosts(name: str) -> tuple[str, ...]:
    """The addresses of this machine that a host name stands for. IPv4 comes first, since every system has it.

    `localhost` stands for two addresses, since a program may try either.
    """
    return ("127.0.0.1", "::1") if name == "localhost" else (name,)
