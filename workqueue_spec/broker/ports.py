"""Finds ports that stay free while a broker is down."""

import collections
import contextlib
import random
import socket
from collections.abc import Iterator
from pathlib import Path

_LOWEST = 10_000
_TRIES = 1000

_given: collections.deque[int] = collections.deque(maxlen=_TRIES)
"""The ports that this process was given last. A broker takes some seconds until it listens on its ports, and
another broker that is started meanwhile must not be given the same."""


def free_ports(count: int) -> list[int]:
    """`count` different TCP ports that are free on 127.0.0.1. Raises OSError if there are not enough.

    They lie below the range from which the system takes ports for outgoing connections: a broker keeps its port
    over a restart, and no connection of another program may take the port meanwhile. This process is not given a
    port twice in a row.
    """
    end = _first_ephemeral()
    ports: list[int] = []
    for _ in range(_TRIES):
        port = random.randrange(_LOWEST, end)
        if port not in _given and _is_free(port):
            _given.append(port)
            ports.append(port)
        if len(ports) == count:
            return ports
    raise OSError(f"no free TCP port between {_LOWEST} and {end}")


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """A port like those of `free_ports`, which no other run of the suite is given while the block lasts.

    The UDP port of the same number is the lock. The kernel keeps it, and frees it when this process has ended.
    """
    for _ in range(_TRIES):
        (port,) = free_ports(1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lock:
            try:
                lock.bind(("127.0.0.1", port))
            except OSError:
                continue
            yield port
            return
    raise OSError("every free TCP port is reserved")


def _first_ephemeral() -> int:
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError):
        first = 32768
    return first if first > _LOWEST + _TRIES else 65536


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
