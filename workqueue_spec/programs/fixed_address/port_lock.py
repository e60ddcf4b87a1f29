"""Runs that need the same port of this machine take turns at it."""

import contextlib
import errno
import socket
import time

import psutil

from ...broker.progress import say
from ...errors import SetupError
from ...timeouts import POLL
from .placement import hosts
from .shared_port import own_ports


class PortLock:
    """Held by one run on the machine at a time, whoever's it is.

    The UDP port of the same number is the lock. AMQP has no use for it; it is the kernel's, so it needs no file
    that several users may write, is where the TCP port is (a container with a network of its own has its own),
    and is free again when its holder is gone.
    """

    def __init__(self, host: str, port: int) -> None:
        """Waits until no other run has its turn."""
        self._lock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        waits = False
        while not self._is_mine(port):
            if not waits:
                waits = True
                say(f"waiting for {host}:{port}, at which {_who('udp', port) or 'another run'} has its turn")
            time.sleep(POLL)

    def end(self) -> None:
        """The next may have its turn."""
        self._lock.close()

    def _is_mine(self, port: int) -> bool:
        try:
            self._lock.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
        return True


def check_free(host: str, port: int) -> None:
    """Raises SetupError where somebody has the port already."""
    try:
        for each in own_ports(host, port):
            each.give_back()
        # Some systems let it be taken at one address while somebody listens at all of them.
        free = not any(_answers(each, port) for each in hosts(host))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise SetupError(f"{host}:{port} cannot be listened on: {error.strerror}.") from error
        free = False
    if not free:
        raise SetupError(
            f"{host}:{port}, which is the only place that the program under test connects to, is taken by "
            f"{_who('tcp', port) or 'a program that is not yours'}; stop that, or run where each process can "
            "have a network namespace (Linux, as root or with unprivileged user namespaces)."
        )


def _answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port)):
        return True
    return False


def _who(kind: str, port: int) -> str:
    """The process that has the port, where the system tells."""
    names: dict[int, str] = {}
    with contextlib.suppress(psutil.Error):
        for each in psutil.net_connections(kind):
            if each.pid and each.laddr and each.laddr.port == port and each.status in ("LISTEN", "NONE"):
                with contextlib.suppress(psutil.NoSuchProcess):
                    names[each.pid] = psutil.Process(each.pid).name()
    return ", ".join(f"{name} (process {pid})" for pid, name in sorted(names.items()))
