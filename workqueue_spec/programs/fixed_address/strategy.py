"""How a program that connects to one address, whatever it is told, is judged on this machine."""

import contextlib
import os
from collections.abc import Iterator
from typing import Protocol

from ...errors import SetupError
from ...wiretap import LoopThread
from .namespace import Kind, NamespacePlacement, usable_kind
from .placement import OwnPortPlacement, Placements
from .port_lock import PortLock, check_free
from .shared_port import SharedPort

SHARED = "WORKQUEUE_SPEC_SHARED_NETWORK"
"""Set to anything, it leaves every program in the machine's own network."""


class Subject(Protocol):
    """What is to be known of a program."""

    @property
    def fixed_address(self) -> tuple[str, int] | None:
        """The host and port that it connects to; None where it connects where it is told to."""

    @property
    def shared_network(self) -> bool:
        """Whether it needs what else there is in the machine's network."""


def namespaces(subject: Subject) -> Kind | None:
    """The namespaces that each of its processes gets; None where they are in the machine's own network.

    Whether the system lets us make them is found by trying, once.
    """
    if subject.fixed_address is None or subject.shared_network or SHARED in os.environ:
        return None
    return usable_kind(*subject.fixed_address)


def takes_turns(subject: Subject) -> bool:
    """Whether its tests run one after the other, and so do the runs, since the address is the machine's."""
    return subject.fixed_address is not None and namespaces(subject) is None


def describe(subject: Subject) -> list[str]:
    """A line for the header of a run, where there is something to tell."""
    if subject.fixed_address is None:
        return []
    where = "{}:{}".format(*subject.fixed_address)
    if takes_turns(subject):
        return [f"it connects to {where}: one test at a time, and one run, on this machine's {where}"]
    return [f"it connects to {where}: a network namespace for each process"]


def reserve(subject: Subject, processes: int) -> PortLock | None:
    """Sees to it that a run with so many processes side by side can have the address.

    Where it is the machine's it waits for its turn, which is the caller's to end. Raises SetupError where it
    cannot be had.
    """
    if subject.fixed_address is None or not takes_turns(subject):
        return None
    host, port = subject.fixed_address
    if processes > 1:
        raise SetupError(
            f"Tests at this machine's own {host}:{port} run one after the other; leave out --numprocesses."
        )
    turn = PortLock(host, port)
    try:
        check_free(host, port)
    except SetupError:
        turn.end()
        raise
    return turn


@contextlib.contextmanager
def placements(subject: Subject, loop_thread: LoopThread) -> Iterator[Placements]:
    """Makes the spots for its processes."""
    if subject.fixed_address is None:
        yield OwnPortPlacement
        return
    host, port = subject.fixed_address
    if kind := namespaces(subject):
        yield lambda mark: NamespacePlacement(kind, host, port)
    else:
        with contextlib.closing(SharedPort(loop_thread, host, port)) as door:
            yield door.placement
