"""The shared port: each connection is passed to the tap of the program that made it."""

import contextlib
import functools
import socket
import sys
from collections.abc import Callable, Iterator

import pytest

from workqueue_spec.broker.ports import free_ports
from workqueue_spec.programs.fixed_address.shared_port import SharedPort
from workqueue_spec.wiretap import LoopThread

from .parties import CONNECT, TALK, Party, ask, echo


@pytest.fixture
def loop_thread() -> Iterator[LoopThread]:
    with LoopThread() as made:
        yield made


@pytest.fixture
def shared_port(loop_thread: LoopThread) -> Iterator[SharedPort]:
    with contextlib.closing(SharedPort(loop_thread, "localhost", free_ports(1)[0])) as made:
        yield made


@pytest.fixture
def arrive(loop_thread: LoopThread, shared_port: SharedPort) -> Iterator[Callable[[str], Party]]:
    """Makes parties with a mark each, all behind one shared port."""
    with contextlib.ExitStack() as stack:
        upstream = stack.enter_context(echo())
        make = functools.partial(Party, shared_port.placement, loop_thread, upstream)
        yield lambda mark: stack.enter_context(contextlib.closing(make(mark)))


def test_each_program_reaches_its_own_tap(arrive: Callable[[str], Party]) -> None:
    first, second = arrive("run/1"), arrive("run/2")

    assert first.connects("localhost", "127.0.0.1", "::1") == [
        "localhost hello",
        "127.0.0.1 hello",
        "::1 hello",
    ]
    assert second.connects("localhost") == ["localhost hello"]
    assert (first.connections, second.connections) == (3, 1)


CHILDREN = 'for _ in 1 2; do "$@" & done; wait'
GRANDCHILDREN = '(for _ in 1 2; do (exec "$@") & done; wait)'
LEFT_BEHIND = 'setsid "$@" & setsid "$@" & :'
"""Shell scripts that run a program in two processes each: children, grandchildren, and orphans."""


@pytest.mark.parametrize(
    ("script", "marked"),
    [
        pytest.param(CHILDREN, True, id="children by their mark"),
        pytest.param(GRANDCHILDREN, True, id="grandchildren by their mark"),
        pytest.param(LEFT_BEHIND, True, id="left behind, by their mark"),
        pytest.param(CHILDREN, False, id="children by descent"),
        pytest.param(GRANDCHILDREN, False, id="grandchildren by descent"),
    ],
)
def test_a_programs_processes_are_its_own(arrive: Callable[[str], Party], script: str, marked: bool) -> None:
    party, _ = arrive("run/1"), arrive("run/2")
    command = [sys.executable, "-c", CONNECT, str(party.tap.port), "localhost", "127.0.0.1"]
    said = party.says(["sh", "-c", script, "sh", *command], marked=marked)

    assert sorted(said) == ["127.0.0.1 hello"] * 2 + ["localhost hello"] * 2
    assert party.connections == 4


def test_an_ipv6_socket_may_connect_to_an_ipv4_address(arrive: Callable[[str], Party]) -> None:
    party = arrive("run/1")

    assert party.connects("::ffff:127.0.0.1") == ["::ffff:127.0.0.1 hello"]
    assert party.connections == 1


def test_a_connection_of_another_program_is_reset(arrive: Callable[[str], Party]) -> None:
    party = arrive("run/1")
    with (
        pytest.raises(ConnectionResetError),
        socket.create_connection(("localhost", party.tap.port)) as connection,
    ):
        connection.recv(1)

    assert party.connections == 0


def test_the_kernel_refuses_while_every_tap_does(arrive: Callable[[str], Party]) -> None:
    parties = [arrive("run/1"), arrive("run/2")]
    with parties[0].start([sys.executable, "-c", TALK, str(parties[0].tap.port)]) as connected:
        assert ask(connected) == "hello\n"
        for party in parties:
            party.tap.refuse()
        for host in ("127.0.0.1", "::1"):
            assert parties[0].connects(host)[-1].startswith("ConnectionRefusedError")
        assert ask(connected) == "hello\n"

    for party in parties:
        party.tap.accept()
        assert party.connects("localhost") == ["localhost hello"]


def test_one_that_refuses_while_another_does_not_resets(arrive: Callable[[str], Party]) -> None:
    open_, shut = arrive("run/1"), arrive("run/2")
    shut.tap.refuse()

    assert shut.connects("localhost")[-1].startswith("ConnectionResetError")
    assert open_.connects("localhost") == ["localhost hello"]
    assert shut.connections == 0


def test_the_port_is_kept_until_close(loop_thread: LoopThread, shared_port: SharedPort) -> None:
    with pytest.raises(OSError, match="in use"):
        SharedPort(loop_thread, "localhost", shared_port.port)
    shared_port.close()
    SharedPort(loop_thread, "localhost", shared_port.port).close()
