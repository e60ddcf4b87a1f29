"""A network namespace for each process: what a program finds in the namespace, and that no namespace is left."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from workqueue_spec.programs.fixed_address.namespace import KINDS, Kind, NamespacePlacement
from workqueue_spec.wiretap import LoopThread

from .parties import TALK, Party, ask, echo

PORT = 5672
"""Free in each namespace, even if a program uses it in this machine's network."""


@pytest.fixture(params=KINDS, ids="+".join)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Which namespaces are made; the tests of a kind that the system does not allow are skipped."""
    kind: Kind = request.param
    try:
        placement = NamespacePlacement(kind, "localhost", PORT)
    except OSError as error:
        pytest.skip(f"no such namespaces here: {error}")
    placement.address.give_back()
    placement.close()
    return kind


@pytest.fixture
def arrive(kind: Kind) -> Iterator[Callable[[], Party]]:
    """Makes parties, each in namespaces of its own."""
    placements = partial(_placement, kind)
    with contextlib.ExitStack() as stack:
        upstream, loop_thread = stack.enter_context(echo()), stack.enter_context(LoopThread())
        yield lambda: stack.enter_context(contextlib.closing(Party(placements, loop_thread, upstream, "")))


def _placement(kind: Kind, mark: str) -> NamespacePlacement:
    return NamespacePlacement(kind, "localhost", PORT)


def test_each_program_finds_its_own_tap_at_the_same_address(arrive: Callable[[], Party]) -> None:
    first, second = arrive(), arrive()

    assert first.connects("localhost", "127.0.0.1", "::1") == [
        "localhost hello",
        "127.0.0.1 hello",
        "::1 hello",
    ]
    assert second.connects("localhost") == ["localhost hello"]
    assert (first.connections, second.connections) == (3, 1)


def test_a_tap_that_refuses_is_refused_by_the_kernel(arrive: Callable[[], Party]) -> None:
    party = arrive()
    assert party.connects("127.0.0.1", "::1") == ["127.0.0.1 hello", "::1 hello"]
    for _ in range(2):
        party.tap.refuse()
        for host in ("127.0.0.1", "::1"):
            assert party.connects(host)[-1].startswith("ConnectionRefusedError")

        party.tap.accept()
        assert party.connects("127.0.0.1", "::1") == ["127.0.0.1 hello", "::1 hello"]


def test_a_tap_that_refuses_keeps_its_open_connections(arrive: Callable[[], Party]) -> None:
    party = arrive()
    with party.start([sys.executable, "-c", TALK, str(PORT)]) as program:
        for change in (party.tap.refuse, party.tap.accept, party.tap.refuse):
            assert ask(program) == "hello\n"
            change()
        assert ask(program) == "hello\n"
    assert party.connections == 1


def test_the_process_is_the_programs(arrive: Callable[[], Party]) -> None:
    tell = (
        "import os; print(os.getpid(), os.getsid(0), os.getuid(), os.getgid(), os.listdir('/proc/self/fd'))"
    )
    party = arrive()
    program = party.start([sys.executable, "-c", tell])
    pid, session, user, group, *handles = program.communicate()[0].split(maxsplit=4)

    assert int(pid) == int(session) == program.pid
    assert (int(user), int(group)) == (os.getuid(), os.getgid())
    # The fourth is that of /proc/self/fd itself.
    assert handles == ["['0', '1', '2', '3']\n"]


def test_the_environment_is_the_programs(arrive: Callable[[], Party]) -> None:
    bare = {"PATH": os.environ["PATH"], "A": "b"}
    lines = arrive().says(["env", "-i", *(f"{name}={value}" for name, value in bare.items()), "env"])

    assert sorted(lines) == sorted(f"{name}={value}" for name, value in bare.items())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_ends_the_program_as_ever(arrive: Callable[[], Party], number: signal.Signals) -> None:
    program = arrive().start(["sleep", "1000"])
    program.send_signal(number)

    assert program.wait() == -number


def test_no_namespace_is_left(arrive: Callable[[], Party]) -> None:
    party = arrive()
    program = party.start([sys.executable, "-c", TALK, str(PORT)])
    assert ask(program) == "hello\n"
    namespace = Path(f"/proc/{program.pid}/ns/net").readlink()
    program.kill()
    program.wait()
    assert namespace in _namespaces()
    party.close()

    assert namespace not in _namespaces()


def _namespaces() -> set[Path]:
    """The network namespaces that some process is in or has a file descriptor of."""
    found = set()
    for link in [*Path("/proc").glob("[0-9]*/ns/net"), *Path("/proc").glob("[0-9]*/fd/*")]:
        with contextlib.suppress(OSError):
            found.add(link.readlink())
    return found
