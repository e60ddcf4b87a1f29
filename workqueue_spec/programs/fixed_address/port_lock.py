"""A lock for runs that need the same port of this machine."""

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
    """A lock that one run on the machine holds at a time, whichever user started the run.

    The UDP port of the same number is the lock, since AMQP does not use it. The kernel keeps it, so it needs no
    file that several users may write. It belongs to the same network as the TCP port (a container with a network
    of its own has its own lock). It is free again when the process that holds it has ended.
    """

    def __init__(self, host: str, port: int) -> None:
        """Waits until no other run holds the lock, and takes it."""
        self._lock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        waits = False
        while not self._acquire(port):
            if not waits:
                waits = True
                user = _process_at("udp", port) or "another run"
                say(f"waiting for {host}:{port}, which {user} uses now")
            time.sleep(POLL)

    def end(self) -> None:
        """Releases the lock."""
        self._lock.close()

    def _acquire(self, port: int) -> bool:
        try:
            self._lock.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
        return True


def check_free(host: str, port: int) -> None:
    """Raises SetupError, with the process's name if the system tells it, if another process uses the port."""
    try:
        for each in own_ports(host, port):
            each.give_back()
        # Some systems let us bind the port at one address while another process listens at all addresses.
        free = not any(_answers(each, port) for each in hosts(host))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise SetupError(f"{host}:{port} cannot be listened on: {error.strerror}.") from error
        free = False
    if not free:
        raise SetupError(
            f"{host}:{port}, the only address that the program under test connects to, is in use by "
            f"{_process_at('tcp', port) or 'a program of another user'}; stop that program, or run on a system "
            "where each process can have a network namespace (Linux, as root or with unprivileged user namespaces)."
        )


def _answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port)):
        return True
    return False


def _process_at(kind: str, port: int) -> str:
    """The name and id of each process that uses the `tcp` or `udp` port; empty if the system does not tell."""
    names: dict[int, str] = {}
    with contextlib.suppress(psutil.Error):
        for each in psutil.net_connections(kind):
            if each.pid and each.laddr and each.laddr.port == port and each.status in ("LISTEN", "NONE"):
                with contextlib.suppress(psutil.NoSuchProcess):
                    names[each.pid] = psutil.Process(each.pid).name()
    return ", ".join(f"{name} (process {pid})" for pid, name in sorted(names.items()))
