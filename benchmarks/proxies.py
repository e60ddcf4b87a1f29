"""What may stand between a client and the broker: the wire tap, socat, haproxy. Each is a process of its own."""

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from workqueue_spec import ROOT
from workqueue_spec.broker.run import Run
from workqueue_spec.errors import SetupError

from .processes import running

HOST = "127.0.0.1"
SECONDS_TO_START = 10.0

HAPROXY = """\
defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 1m
listen broker
    bind {host}:{port}
    server broker {broker}
"""


@contextlib.contextmanager
def tap_process(broker: str, run: Run, tree: Path = ROOT) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """The port of the tap of a working tree, and its process. `broker` is a host and port."""
    served = Path(__file__).with_name("tap_process.py")
    with running([sys.executable, str(served), *broker.split(":")], run, tree=tree) as process:
        assert process.stdout is not None
        port = process.stdout.readline()
        if not port:
            raise SetupError(f"The tap of {tree} did not start.")
        yield int(port), process


@contextlib.contextmanager
def tap(broker: str, run: Run, tree: Path = ROOT) -> Iterator[int]:
    """The port of the tap of a working tree."""
    with tap_process(broker, run, tree) as (port, _):
        yield port


@contextlib.contextmanager
def socat(broker: str, run: Run) -> Iterator[int]:
    """The port of a socat."""
    port = free_port()
    listen = f"TCP-LISTEN:{port},bind={HOST},fork,reuseaddr,nodelay"
    with running(["socat", listen, f"TCP:{broker},nodelay"], run):
        yield listened(port)


@contextlib.contextmanager
def haproxy(broker: str, run: Run) -> Iterator[int]:
    """The port of a haproxy."""
    port = free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".cfg", dir=run.temporary) as file:
        file.write(HAPROXY.format(host=HOST, port=port, broker=broker))
        file.flush()
        with running(["haproxy", "-db", "-f", file.name], run):
            yield listened(port)


OTHERS: dict[str, Callable[[str, Run], contextlib.AbstractContextManager[int]]] = {
    "socat": socat,
    "haproxy": haproxy,
}
"""The proxies that decode nothing, by the name of their program."""


def installed(program: str) -> bool:
    """Whether the program is on the PATH."""
    return shutil.which(program) is not None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server((HOST, 0)) as taken:
        return int(taken.getsockname()[1])


def listened(port: int) -> int:
    """The same port, once somebody listens on it. Raises SetupError if nobody does in time."""
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            socket.create_connection((HOST, port)).close()
            return port
        except ConnectionRefusedError as error:
            if time.monotonic() > deadline:
                raise SetupError(f"Nobody listens on port {port}: the proxy did not start.") from error
            time.sleep(0.02)
