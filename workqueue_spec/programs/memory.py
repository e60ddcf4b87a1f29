"""How much memory the processes of a program use, and which of them are on this machine."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from ..broker.run import mark_of

ESTABLISHED = "01"
"""The state of a TCP connection in the tables of Linux."""
SIZED_BY_THE_MACHINE = ("libjvm.so", "libcoreclr.so")
"""Libraries of runtimes that collect garbage only when a heap is full, whose size goes by the machine's memory or
caches: Java's and .NET's."""


def processes_of(pid: int, mark: str) -> list[psutil.Process]:
    """The process with this id, those that descend from it, and those that carry the mark."""
    found: set[psutil.Process] = set()
    with contextlib.suppress(psutil.Error):
        first = psutil.Process(pid)
        found = {first, *first.children(recursive=True)}
    if mark:
        found |= {each for each in psutil.process_iter() if f"{mark_of(each)}/".startswith(f"{mark}/")}
    return sorted(found, key=lambda each: each.pid)


def private_memory(processes: Sequence[psutil.Process]) -> int | None:
    """Bytes of memory that only these processes use, each for itself. None if the system does not say it of all."""
    total = 0
    for each in processes:
        try:
            total += each.memory_full_info().uss
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        except (psutil.Error, OSError, AttributeError):
            return None
    return total


def is_connected(processes: Sequence[psutil.Process], port: int) -> bool:
    """Whether one of these processes has a TCP connection to this port, as far as the system tells. Only Linux
    tells this about processes in a network namespace of their own.
    """
    return any(port in _ports_connected_to(each.pid) for each in processes)


def is_sized_by_the_machine(processes: Sequence[psutil.Process]) -> bool:
    """Whether one of these processes uses a library of SIZED_BY_THE_MACHINE."""
    for each in processes:
        with contextlib.suppress(OSError):
            maps = Path(f"/proc/{each.pid}/maps").read_text(errors="replace")
            if any(f"/{name}" in maps for name in SIZED_BY_THE_MACHINE):
                return True
    return False


def _ports_connected_to(pid: int) -> set[int]:
    """The ports to which the process has connections."""
    if not psutil.LINUX:
        with contextlib.suppress(psutil.Error):
            return {each.raddr.port for each in psutil.Process(pid).net_connections("tcp") if each.raddr}
        return set()
    # Not psutil: it reads the table of the suite's own network namespace.
    sockets = set(_sockets(pid))
    return {port for port, inode in _established(pid) if inode in sockets}


def _sockets(pid: int) -> Iterator[str]:
    """The inodes of the process's sockets."""
    with contextlib.suppress(OSError):
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                kind, _, inode = str(each.readlink()).partition(":")
                if kind == "socket":
                    yield inode.strip("[]")


def _established(pid: int) -> Iterator[tuple[int, str]]:
    """The remote port and the inode of each TCP connection in the process's network namespace."""
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == ESTABLISHED:
                    yield int(columns[2].rpartition(":")[2], 16), columns[9]
