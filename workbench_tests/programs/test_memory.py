"""The memory and the connections of processes."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from workqueue_spec.programs.memory import (
    is_connected,
    is_sized_by_the_machine,
    private_memory,
    processes_of,
)

CHILD = "import sys; kept = b'x' * int(sys.argv[1]); print('ready', flush=True); sys.stdin.read()"
CONNECTED = (
    "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); "
    "print('ready', flush=True); sys.stdin.read()"
)


@contextmanager
def running(program: str, argument: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", program, str(argument)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield child


def test_memory_of_a_process_holds_what_it_keeps() -> None:
    with running(CHILD, 1) as small, running(CHILD, 50_000_000) as large:
        less, more = (private_memory(processes_of(each.pid, "")) for each in (small, large))
    assert less is not None
    assert more is not None
    assert 45_000_000 < more - less < 55_000_000


def test_a_process_that_has_ended_uses_nothing() -> None:
    with running(CHILD, 1) as child:
        process = psutil.Process(child.pid)
    assert private_memory([process]) == 0
    assert processes_of(child.pid, "") == []


def test_a_process_that_may_not_be_looked_into_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(process: psutil.Process) -> None:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "memory_full_info", denied)
    assert private_memory([psutil.Process()]) is None


@pytest.mark.skipif(not psutil.LINUX, reason="reads Linux's tables")
def test_a_connection_is_found_by_its_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with running(CONNECTED, port) as child, running(CHILD, 1) as other:
            assert is_connected(processes_of(child.pid, ""), port)
            assert not is_connected(processes_of(child.pid, ""), port + 1)
            assert not is_connected(processes_of(other.pid, ""), port)


def test_a_python_process_has_no_heap_that_goes_by_the_machine() -> None:
    assert not is_sized_by_the_machine([psutil.Process()])
