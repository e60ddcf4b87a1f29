"""Programs in containers, with the engine of this machine and an image that is made here."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from workqueue_spec import ROOT
from workqueue_spec.broker import engine
from workqueue_spec.broker.engine import clear_dead_containers
from workqueue_spec.errors import SetupError
from workqueue_spec.judgement.history import History
from workqueue_spec.programs import container, process, profile
from workqueue_spec.programs.container import Container

from . import whole_runs

RUN = "run-of-a-test"
EXAMPLE = ROOT / "docs" / "example" / "image" / "profile.toml"

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """The engine's client. Without an engine, the tests are skipped, but in CI they fail."""
    try:
        with engine.connected() as connected:
            yield connected.client
    except SetupError as error:
        _do_without(str(error))


@pytest.fixture(scope="module")
def base(client: Any) -> str:
    """An image of Debian, as .ci/image makes it."""
    tags = {tag for image in client.images.list() for tag in image.tags}
    found = next((tag for tag in ("debian:trixie", "debian:bookworm", "debian:sid") if tag in tags), None)
    return found or _do_without("the engine has no image debian:trixie; .ci/image makes one")


def _do_without(what: str) -> str:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture
def start(base: str, client: Any) -> Iterator[Any]:
    """Starts a shell's program in a container, as a process that writes into a history."""
    history = History()
    started: list[process.Process] = []

    def start(*command: str, **how: bool) -> process.Process:
        name = f"worker {len(started) + 1}"

        def begin() -> Container:
            return Container(base, command, {"NAME": name}, RUN, **how)

        started.append(process.Process(name, history, begin, shown=" ".join(command)))
        return started[-1]

    yield start
    for each in started:
        each.end()
    assert client.containers.list(all=True, filters={"label": f"{engine.LABEL}={RUN}"}) == []


WAITS = "trap 'echo told to stop; exit 3' TERM; echo $NAME waits; while :; do sleep 0.1; done"


def _says(each: process.Process, text: str) -> None:
    assert each._history.wait(lambda _: text in each.output, 30)


def test_the_output_and_the_exit_status_of_a_container_are_read(start: Any) -> None:
    ended = start("sh", "-c", "echo one; echo two >&2; exit 7")
    assert ended.exit_status(30) == 7
    assert sorted(ended.output.splitlines()) == ["one", "two"]
    assert not ended.running


@pytest.mark.parametrize("how", [{}, {"terminal": True}, {"held_open": True}])
def test_a_signal_reaches_the_program_in_its_container(start: Any, how: dict[str, bool]) -> None:
    waiting = start("sh", "-c", WAITS, **how)
    _says(waiting, "worker 1 waits")
    waiting.signal(signal.SIGTERM)
    assert waiting.exit_status(30) == 3
    assert "told to stop" in waiting.output


def test_a_container_is_stopped_continued_and_killed(start: Any) -> None:
    waiting = start("sh", "-c", WAITS)
    _says(waiting, "waits")
    main = psutil.Process(waiting.pid)
    assert main.ppid() != 1 or main.name() == "sh"
    assert main in waiting.processes()
    waiting.signal(signal.SIGSTOP)
    assert main.status() == psutil.STATUS_STOPPED
    waiting.signal(signal.SIGCONT)
    assert main.status() != psutil.STATUS_STOPPED
    waiting.signal(signal.SIGKILL)
    assert waiting.exit_status(30) == 137
    assert not psutil.pid_exists(main.pid)


def test_a_child_in_a_container_is_killed(start: Any) -> None:
    waiting = start("sh", "-c", "echo waits; sleep 1000; echo the child ended; sleep 1000")
    _says(waiting, "waits")
    assert waiting._history.wait(lambda _: len(waiting.processes()) > 1, 1) or len(waiting.processes()) > 1
    waiting.kill_youngest()
    _says(waiting, "the child ended")


def test_what_cannot_be_started_is_said(base: str, start: Any) -> None:
    with pytest.raises(SetupError, match="Cannot start 'no-such-program' in a container of debian"):
        start("no-such-program")
    with pytest.raises(SetupError, match="The image no-such/image:1 is not there and can't be pulled"):
        container.provide("no-such/image:1")


def test_a_dead_runs_containers_are_removed(base: str, client: Any) -> None:
    left = Container(base, ["sleep", "1000"], {}, RUN)
    clear_dead_containers(RUN)
    assert client.containers.list(all=True, filters={"label": f"{engine.LABEL}={RUN}"}) == []
    assert left.wait() == 137
    left.end()


@pytest.fixture
def image(base: str, client: Any) -> Iterator[str]:
    """The image that the example makes. It is removed afterwards."""
    name = profile.read(EXAMPLE, None).image
    assert name is not None
    yield f"{name}:latest"
    if any(f"{name}:latest" in each.tags for each in client.images.list()):
        client.images.remove(name, force=True)


def test_the_example_makes_its_image_and_keeps_its_promises(image: str, client: Any, tmp_path: Path) -> None:
    run = whole_runs.begin(
        tmp_path,
        *("--implementation", str(EXAMPLE)),
        *("-k", "P01 or P13 or P17 or W03 or W06 or W19 or W20", "--numprocesses", "0"),
    )
    output, _ = run.communicate(timeout=whole_runs.LONG_ENOUGH * 4)
    assert run.returncode == 0, output
    assert "7 passed: inconclusive (7 of" in output, output
    labelled = client.containers.list(all=True, filters={"label": engine.LABEL})
    assert [each.name for each in labelled if image in each.image.tags] == []
