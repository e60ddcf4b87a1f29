"""Programs that always connect to one address, each with a tap of its own, in front of an echo server."""

import contextlib
import os
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence

from workqueue_spec.broker.run import MARK
from workqueue_spec.programs.fixed_address import Placement, Placements
from workqueue_spec.timeouts import EVENTUALLY
from workqueue_spec.wiretap import LoopThread, Upstream, WireEvent

CONNECT = """
import socket, sys
for host in sys.argv[2:]:
    with socket.create_connection((host, int(sys.argv[1]))) as connection:
        connection.sendall(b"hello")
        print(host, connection.recv(5).decode(), flush=True)
"""
"""Python for a program that connects to a port on each of some hosts, and prints what comes back."""


TALK = """
import socket, sys
with socket.create_connection(("localhost", int(sys.argv[1]))) as connection:
    for line in sys.stdin:
        connection.sendall(b"hello")
        print(connection.recv(5).decode(), flush=True)
"""
"""Python for a program that stays connected to a port, and sends "hello" for each line of its input."""


class _Echo(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while data := self.connection.recv(100):
            self.connection.sendall(data)


@contextlib.contextmanager
def echo() -> Iterator[Upstream]:
    """A server in the broker's place that sends back what it receives."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Upstream("127.0.0.1", server.server_address[1])
        server.shutdown()


class Party:
    """A placement with a tap, and the programs that are started in it."""

    def __init__(
        self, placements: Placements, loop_thread: LoopThread, upstream: Upstream, mark: str
    ) -> None:
        self.mark = mark
        self.placement: Placement = placements(mark)
        self.tap = loop_thread.tap(upstream, self._note, self.placement.address)
        self._connections = 0

    @property
    def connections(self) -> int:
        """The number of connections that its tap has had."""
        return self._connections

    def _note(self, event: WireEvent) -> None:
        self._connections += event.name == "Tap.Connected"

    def start(self, command: Sequence[str], *, marked: bool = True) -> "subprocess.Popen[str]":
        """Starts a program as the bench does, in a session of its own."""
        environment = {**os.environ, MARK: self.mark} if marked else dict(os.environ)
        program = subprocess.Popen(
            self.placement.command(command),
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.placement.started(program.pid)
        return program

    def says(self, command: Sequence[str], *, marked: bool = True) -> list[str]:
        """The lines that a program prints until its end."""
        program = self.start(command, marked=marked)
        try:
            return program.communicate(timeout=EVENTUALLY)[0].splitlines()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)

    def connects(self, *hosts: str) -> list[str]:
        """What a program prints that connects to the port on each host."""
        return self.says([sys.executable, "-c", CONNECT, str(self.tap.port), *hosts])

    def close(self) -> None:
        self.tap.close()
        self.placement.close()


def ask(program: "subprocess.Popen[str]") -> str:
    """What a connected `TALK` program prints for a line of input."""
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write("\n")
    program.stdin.flush()
    return program.stdout.readline()
