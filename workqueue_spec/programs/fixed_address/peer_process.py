"""Finds the process at the other end of a connection, in the system's own tables."""

import contextlib
import ipaddress
import socket
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

import psutil

from ...broker.run import mark_of


class Candidate(Protocol):
    """A process under test that may have made the connection."""

    mark: str
    """The process, and every process that it has started, carries this mark in its environment."""
    pid: int | None
    """None before the process is started."""


AnyCandidate = TypeVar("AnyCandidate", bound=Candidate)


def find_peer(connection: socket.socket, candidates: Iterable[AnyCandidate]) -> AnyCandidate | None:
    """The candidate that has the other end of a connection of this machine.

    The other end may belong to the candidate's process or to any of its descendants, in the same process group
    or not. None if it belongs to another process, or if the process is gone.
    """
    peer, local = _endpoint(connection.getpeername()), _endpoint(connection.getsockname())
    for process, candidate in _processes(list(candidates)):
        with contextlib.suppress(psutil.Error):
            for each in process.net_connections("tcp"):
                if each.raddr and (_endpoint(each.laddr), _endpoint(each.raddr)) == (peer, local):
                    return candidate
    return None


def _processes(candidates: list[AnyCandidate]) -> Iterator[tuple[psutil.Process, AnyCandidate]]:
    """The candidates' processes: first by descent, which is quick to look up, then by the mark, which also finds
    processes whose parents have ended.
    """
    for candidate in candidates:
        if candidate.pid is not None:
            with contextlib.suppress(psutil.Error):
                first = psutil.Process(candidate.pid)
                yield from ((each, candidate) for each in [first, *first.children(recursive=True)])
    by_mark = {candidate.mark: candidate for candidate in candidates}
    for process in psutil.process_iter():
        if (mark := mark_of(process)) in by_mark:
            yield process, by_mark[mark]


def _endpoint(address: tuple[str, int]) -> tuple[str, int]:
    """The address with an IPv4 host in IPv4 form, even if the socket is an IPv6 one (`::ffff:127.0.0.1`, as Java
    opens it).
    """
    ip = ipaddress.ip_address(address[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return str(mapped or ip), address[1]
