"""Set-ups that are broken: each ends in time, with the right answer, and leaves nothing behind."""

import os
import signal
from pathlib import Path

import pytest

from workqueue_spec import ROOT

from .whole_runs import LONG_ENOUGH, begin, folders, marked, when

pytestmark = pytest.mark.broker

WORKER = Path(__file__).with_name("broken.py")
MISUSED = pytest.ExitCode.USAGE_ERROR


def written(place: Path, way: str, *lines: str) -> str:
    file = place / "profile.toml"
    told = [
        'producer = ["python", "-m", "reference.new_task"]',
        f'worker = ["python", "{WORKER}", "{way}"]',
        f'folder = "{ROOT}"',
        "start_seconds = 4",
        *lines,
    ]
    file.write_text("\n".join(told))
    return str(file)


def left_behind(place: Path) -> list[Path]:
    return [each for each in place.iterdir() if each.suffix != ".toml" and not each.match("workqueue-spec-*")]


def judged(place: Path, profile: str, clauses: str) -> tuple[int, str]:
    """The run's exit status and output; nothing of it is left."""
    run = begin(place, "--implementation", profile, "-k", clauses, "--numprocesses", "0")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert not marked(place)
    assert not folders(place)
    assert not left_behind(place)
    assert len(output) < 100_000
    assert "\x1b" not in output
    return run.returncode, output


@pytest.mark.parametrize(
    ("way", "clauses", "status", "says"),
    [
        ("exits at once", "W01", 1, "it ended with status 0"),
        ("never consumes", "W01", 1, "nothing of the kind within 19 s"),
        ("floods", "W03 or W10", 0, "W10 not judged: worker 1 writes more than 200000 bytes"),
        ("floods without a line's end", "W03", 0, "conformant"),
        ("forks and leaves", "W03", 1, "it ended with status 0"),
        ("ignores signals", "W18", 1, "still running after"),
        ("opens 100 connections", "W03", 0, "conformant"),
        ("leaves files behind", "W03", 0, "conformant"),
        ("closes its output", "W03", 0, "conformant"),
        ("says garbage", "W03", 1, "\\x1b]0;owned"),
    ],
)
def test_a_worker_that_goes_wrong(place: Path, way: str, clauses: str, status: int, says: str) -> None:
    answer, output = judged(place, written(place, way), clauses)
    assert (answer, says in output) == (status, True), output


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('install = ["no-such-program"]', "The install step 'no-such-program' cannot be started"),
        (
            'install = ["sh", "-c", "echo out of paper; exit 3"]',
            "failed with status 3; its last lines:\n  out of paper",
        ),
        ('install = [["true"], ["sh", "-c", "sleep 1000 & exit 3"]]', "failed with status 3."),
    ],
)
def test_an_install_step_that_fails_is_said(place: Path, line: str, says: str) -> None:
    status, output = judged(place, written(place, "", line), "W01")
    assert status == MISUSED
    assert says in output


def test_what_install_is_to_make_is_missing(place: Path) -> None:
    profile = written(place, "", 'install = ["true"]')
    Path(profile).write_text(Path(profile).read_text().replace('"python", "-m"', '"./nothing"'))
    status, output = judged(place, profile, "W01")
    assert status == MISUSED
    assert "The producer './nothing' is not a program that can be run" in output


def test_an_install_step_that_hangs_is_ended_by_an_interrupt(place: Path) -> None:
    profile = written(place, "", 'install = ["sh", "-c", "mktemp; sleep 12345 & setsid sleep 12345"]')
    run = begin(place, "--implementation", profile, "-k", "W01")
    when(run, place, "sleep 12345")
    os.killpg(run.pid, signal.SIGINT)
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert not marked(place)
    assert not folders(place)
    assert not left_behind(place)


def test_two_runs_install_one_after_the_other(place: Path) -> None:
    profile = written(
        place, "", f'install = ["sh", "-c", "mkdir {place}/busy && sleep 1 && rmdir {place}/busy"]'
    )
    runs = [begin(place, "--implementation", profile, "-k", "P01", "--numprocesses", "0") for _ in range(2)]
    for run in runs:
        output, _ = run.communicate(timeout=LONG_ENOUGH)
        assert run.returncode == 0, output
