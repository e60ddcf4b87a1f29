"""A local node whose programs are shell scripts."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from workqueue_spec.broker import installation, open_broker
from workqueue_spec.broker import server as server_module
from workqueue_spec.broker.installation import Installation
from workqueue_spec.broker.ports import free_ports
from workqueue_spec.broker.run import MARK, Run
from workqueue_spec.errors import SetupError


def marked(run: Run) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["environ", "status"]):
        if (process.info["environ"] or {}).get(MARK, "").startswith(run.name) and process.info[
            "status"
        ] != "zombie":
            yield process


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a shell script the installed rabbitmq-server."""

    def install(script: str) -> None:
        program = tmp_path / "rabbitmq-server"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(installation, "find", lambda: Installation(program, program, None, None))

    return install


def test_a_node_that_ends_while_starting_says_why(run: Run, server: Callable[[str], None]) -> None:
    server("printf '2026-11-23 20:25:20.193433+00:00 [error] <0.1.0> no \\033[1mluck\\n\\n====\\n'; exit 3")

    with pytest.raises(SetupError) as refusal:
        open_broker("local", run)

    said = "The local broker ended with status 3 while starting.\n    [error] <0.1.0> no \\x1b[1mluck"
    assert str(refusal.value) == said
    assert list(run.folder.iterdir()) == []


@pytest.mark.parametrize("phrase", ["eaddrinuse", "dist_port_already_used"])
def test_other_ports_are_tried_where_one_was_taken(
    phrase: str, run: Run, server: Callable[[str], None], tmp_path: Path
) -> None:
    server(f"echo $RABBITMQ_NODE_PORT >> {tmp_path}/ports; printf '%200s {phrase}' x; exit 1")

    with pytest.raises(SetupError):
        open_broker("local", run)

    assert len(set((tmp_path / "ports").read_text().split())) == server_module.TRIES_FOR_PORTS
    assert list(run.folder.iterdir()) == []


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_start_leaves_nothing(
    interruption: type[BaseException],
    run: Run,
    server: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_arguments: object, **_named: object) -> None:
        raise interruption

    server("sleep 300 & exec sleep 300")
    monkeypatch.setattr(server_module, "await_greeting", interrupt)

    with pytest.raises(interruption):
        open_broker("local", run)

    assert list(marked(run)) == []
    assert list(run.folder.iterdir()) == []


def test_nothing_of_the_users_configuration_reaches_the_node(
    run: Run, server: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RABBITMQ_USE_LONGNAME", "ERL_FLAGS", "NOTIFY_SOCKET"):
        monkeypatch.setenv(name, "theirs")
    server(f"env > {tmp_path}/seen; ls -lA $HOME > {tmp_path}/files; exit 1")

    with pytest.raises(SetupError):
        open_broker("local", run)

    seen = (tmp_path / "seen").read_text()
    assert "theirs" not in seen
    assert f"{MARK}={run.name}" in seen
    assert f"HOME={run.folder}/broker-" in seen
    assert "-r-------- " in next(
        line for line in (tmp_path / "files").read_text().splitlines() if line.endswith(".erlang.cookie")
    )


def test_ports_are_different_and_kept_from_outgoing_connections() -> None:
    ports = free_ports(50)

    assert len(set(ports)) == 50
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(ports) < first


def test_the_distributions_wrapper_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrapper = tmp_path / "rabbitmq-server"
    wrapper.write_text("#!/bin/sh\n")
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(installation, "_PACKAGED", tmp_path / "none")

    assert installation._installed_server() == wrapper
    monkeypatch.setattr(installation, "_WRAPPERS", frozenset({tmp_path}))
    assert installation._installed_server() is None
