"""Install steps are limited in time and output, and leave no process."""

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from workqueue_spec.broker.run import Run
from workqueue_spec.errors import SetupError
from workqueue_spec.programs import install, subject
from workqueue_spec.programs.command import Command


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    begun = Run.begin()
    yield begun
    begun.end()


def doing(folder: Path, script: str) -> subject.Subject:
    step = Command(("sh", "-c", script), folder)
    return dataclasses.replace(subject.reference("classic"), install=(step,))


def test_a_step_that_hangs_is_ended(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "LONGEST", 0.5)
    began = time.monotonic()
    with pytest.raises(SetupError, match="did not end within 0 s; its last lines:\n  begun"):
        install.install(doing(tmp_path, "echo begun; sleep 4321 & sleep 4321"), run)
    assert time.monotonic() - began < 10


def test_of_much_output_a_few_lines_are_shown(tmp_path: Path, run: Run) -> None:
    with pytest.raises(SetupError, match="failed with status 9") as caught:
        install.install(doing(tmp_path, "head -c 100000000 /dev/zero; echo; echo the end; exit 9"), run)
    assert str(caught.value).endswith("the end")
    assert len(str(caught.value)) < 5000


def test_a_step_that_succeeds_prints_nothing(
    tmp_path: Path, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    install.install(doing(tmp_path, "echo fetching"), run)
    assert capfd.readouterr() == ("", "")


def test_a_daemon_that_a_step_leaves_is_ended(tmp_path: Path, run: Run) -> None:
    install.install(
        doing(tmp_path, f"setsid sleep 4321 >/dev/null 2>&1 & echo $! >{tmp_path}/pid; sleep 0.2"), run
    )
    pid = int((tmp_path / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
