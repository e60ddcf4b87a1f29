"""Whose connection it is: the process at its other end, found by the system's own tables."""

import contextlib
import ipaddress
import socket
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

import psutil

from ...broker.run import mark_of


class Known(Protocol):
    """What is known of a process under test."""

    mark: str
    """It, and all that it has started, carries this in the environment."""
    pid: int | None
    """None before it is started."""


Party = TypeVar("Party", bound=Known)


def party_at(connection: socket.socket, parties: Iterable[Party]) -> Party | None:
    """The party that has the other end of a connection of this machine: its process, or one that it has
    started, or one that those have, in a group of their own or not. None where it is a stranger's, or gone.
    """
    theirs, ours = _end(connection.getpeername()), _end(connection.getsockname())
    for process, party in _processes(list(parties)):
        with contextlib.suppress(psutil.Error):
            for each in process.net_connections("tcp"):
                if each.raddr and (_end(each.laddr), _end(each.raddr)) == (theirs, ours):
                    return party
    return None


def _processes(parties: list[Party]) -> Iterator[tuple[psutil.Process, Party]]:
    """The processes of the parties: first by descent, which is soon known, then by the mark, for those whose
    parents have left them.
    """
    for party in parties:
        if party.pid is not None:
            with contextlib.suppress(psutil.Error):
                first = psutil.Process(party.pid)
                yield from ((each, party) for each in [first, *first.children(recursive=True)])
    by_mark = {party.mark: party for party in parties}
    for process in psutil.process_iter():
        if (mark := mark_of(process)) in by_mark:
            yield process, by_mark[mark]


def _end(address: tuple[str, int]) -> tuple[str, int]:
    """An IPv4 address is the same through a socket for IPv6 (`::ffff:127.0.0.1`), as Java opens it."""
    ip = ipaddress.ip_address(address[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return str(mapped or ip), address[1]
