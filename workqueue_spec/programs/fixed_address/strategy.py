"""How a program that always connects to one address is judged on this machine."""

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
"""If this environment variable is set, to any value, every program stays in the machine's own network."""


class Subject(Protocol):
    """What must be known of the program under test."""

    @property
    def fixed_address(self) -> tuple[str, int] | None:
        """The host and port that it always connects to; None if it connects where it is told to."""

    @property
    def shared_network(self) -> bool:
        """Whether it needs other services in the machine's network."""


def namespaces(subject: Subject) -> Kind | None:
    """The namespaces that each process of the subject gets; None if they run in the machine's own network.

    Whether the system lets us make namespaces is tried once.
    """
    if subject.fixed_address is None or subject.shared_network or SHARED in os.environ:
        return None
    return usable_kind(*subject.fixed_address)


def shares_port(subject: Subject) -> bool:
    """Whether all processes of the subject share this machine's port. Tests, and runs, then go one at a time."""
    return subject.fixed_address is not None and namespaces(subject) is None


def describe(subject: Subject) -> list[str]:
    """A line for the header of a run if the subject has a fixed address; else no line."""
    if subject.fixed_address is None:
        return []
    where = "{}:{}".format(*subject.fixed_address)
    if shares_port(subject):
        return [f"it connects to {where}: one test at a time, and one run, on this machine's {where}"]
    return [f"it connects to {where}: a network namespace for each process"]


def reserve(subject: Subject, processes: int) -> PortLock | None:
    """Makes sure that a run with `processes` processes of pytest side by side can use the fixed address.

    If the subject shares this machine's port, waits for the port's lock and returns it; the caller ends it.
    Raises SetupError if the port cannot be used.
    """
    if subject.fixed_address is None or not shares_port(subject):
        return None
    host, port = subject.fixed_address
    if processes > 1:
        raise SetupError(
            f"Tests at this machine's own {host}:{port} run one after the other; leave out --numprocesses."
        )
    lock = PortLock(host, port)
    try:
        check_free(host, port)
    except SetupError:
        lock.end()
        raise
    return lock


@contextlib.contextmanager
def placements(subject: Subject, loop_thread: LoopThread) -> Iterator[Placements]:
    """Makes placements for the subject's processes, for as long as the block lasts."""
    if subject.fixed_address is None:
        yield OwnPortPlacement
        return
    host, port = subject.fixed_address
    if kind := namespaces(subject):
        yield lambda mark: NamespacePlacement(kind, host, port)
    else:
        with contextlib.closing(SharedPort(loop_thread, host, port)) as shared_port:
            yield shared_port.placement
