"""Runs that use one port of the machine: one at a time, and none while another program uses the port."""

import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass

import pytest

from workqueue_spec import ROOT
from workqueue_spec.broker.ports import free_ports
from workqueue_spec.errors import SetupError
from workqueue_spec.programs.fixed_address import describe, reserve
from workqueue_spec.programs.fixed_address.port_lock import PortLock, check_free
from workqueue_spec.timeouts import EVENTUALLY, POLL


@dataclass(frozen=True)
class Subject:
    fixed_address: tuple[str, int] | None
    shared_network: bool


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


def test_the_next_run_waits_and_says_so(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    first = PortLock("localhost", port)
    second = threading.Thread(target=lambda: PortLock("localhost", port).end(), daemon=True)
    second.start()
    said = ""
    while "waiting" not in said:
        second.join(POLL)
        assert second.is_alive()
        said += capsys.readouterr().err
    first.end()
    second.join(EVENTUALLY)

    assert not second.is_alive()
    assert f"(process {os.getpid()})" in said


def test_a_killed_run_holds_no_lock(port: int) -> None:
    hold = (
        "import sys; from workqueue_spec.programs.fixed_address.port_lock import PortLock; "
        "lock = PortLock('localhost', int(sys.argv[1])); print('mine', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", hold, str(port)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "mine\n"
        killed.kill()

    PortLock("localhost", port).end()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "::"])
def test_a_port_that_is_taken_is_said(port: int, host: str) -> None:
    with socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
    ) as other:
        with pytest.raises(SetupError, match=rf"localhost:{port}.* \(process {os.getpid()}\); stop that"):
            check_free("localhost", port)
        other.settimeout(0)
        with pytest.raises(BlockingIOError):  # nobody has connected
            other.accept()


def test_a_free_port_stays_free(port: int) -> None:
    check_free("localhost", port)
    check_free("localhost", port)


def test_tests_side_by_side_cannot_share_the_machines_port(port: int) -> None:
    subject = Subject(("localhost", port), shared_network=True)
    with pytest.raises(SetupError, match="leave out --numprocesses"):
        reserve(subject, 2)
    lock = reserve(subject, 0)
    assert lock is not None
    lock.end()
    assert "one test at a time" in describe(subject)[0]


def test_a_program_without_a_fixed_address_needs_no_lock() -> None:
    obedient = Subject(None, shared_network=False)

    assert reserve(obedient, 4) is None
    assert describe(obedient) == []
