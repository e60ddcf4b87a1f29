"""Runs with a broken set-up: each ends in time, with the right status and output, and leaves nothing behind."""

import os
import signal
from pathlib import Path

import pytest

from workqueue_spec import ROOT

from .whole_runs import LONG_ENOUGH, begin, run_folders, run_processes, wait_for_process

pytestmark = pytest.mark.broker

WORKER = Path(__file__).with_name("broken_worker.py")
MISUSED = pytest.ExitCode.USAGE_ERROR


def write_profile(folder: Path, defect: str, *lines: str) -> str:
    file = folder / "profile.toml"
    lines_of_profile = [
        'producer = ["python", "-m", "reference.new_task"]',
        f'worker = ["python", "{WORKER}", "{defect}"]',
        f'folder = "{ROOT}"',
        "start_seconds = 4",
        *lines,
    ]
    file.write_text("\n".join(lines_of_profile))
    return str(file)


def left_behind(folder: Path) -> list[Path]:
    return [
        each for each in folder.iterdir() if each.suffix != ".toml" and not each.match("workqueue-spec-*")
    ]


def judge(folder: Path, profile: str, clauses: str) -> tuple[int, str]:
    """The run's exit status and output. Asserts that the run leaves nothing behind."""
    run = begin(folder, "--implementation", profile, "-k", clauses, "--numprocesses", "0")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert not run_processes(folder)
    assert not run_folders(folder)
    assert not left_behind(folder)
    assert len(output) < 100_000
    assert "\x1b" not in output
    return run.returncode, output


@pytest.mark.parametrize(
    ("defect", "clauses", "status", "says"),
    [
        ("exits at once", "W01", MISUSED, "it ended with status 0 and never connected to the broker"),
        ("never consumes", "W01", 1, "nothing of the kind within 19 s"),
        ("floods", "W03 or W10", 0, "W10 not judged: worker 1 writes more than 200000 bytes"),
        ("floods without a line's end", "W03", 0, "it holds"),
        ("forks and leaves", "W03", 1, "it ended with status 0"),
        ("ignores signals", "W18", 1, "still running after"),
        ("opens 100 connections", "W03", 0, "it holds"),
        ("leaves files behind", "W03", 0, "it holds"),
        ("works in a session of its own", "W05 or W06", 0, "they hold"),
        ("closes its output", "W03", 0, "it holds"),
        ("says garbage", "W03", MISUSED, "\\x1b]0;owned"),
    ],
)
def test_a_worker_with_a_defect(folder: Path, defect: str, clauses: str, status: int, says: str) -> None:
    returned, output = judge(folder, write_profile(folder, defect), clauses)
    assert (returned, says in output) == (status, True), output


SERVES = (
    "import http.server as h, sys; h.HTTPServer(('127.0.0.1', int(sys.argv[1])), h.BaseHTTPRequestHandler)"
)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("print('oh'); sys.exit(3)", "it ended with status 3 before it was ready; its last lines:\n  oh"),
        (
            "time.sleep(100)",
            "nothing listens on {service_port} for 4 s after its start (start_seconds); it printed",
        ),
        (
            f"{SERVES}.serve_forever()",
            "it was asked for a task and never connected to the broker. The producer",
        ),
    ],
    ids=["ends", "never listens", "never connects"],
)
def test_a_service_with_a_defect(folder: Path, code: str, says: str) -> None:
    (folder / "profile.toml").write_text(
        f"""producer = ["python", "{ROOT}/mutants/_ask.py", "{{service_port}}"]
start_seconds = 4
[service]
command = ["python", "-c", "import sys, time; {code}", "{{service_port}}"]
"""
    )
    returned, output = judge(folder, str(folder / "profile.toml"), "P17")
    assert (returned, says in output) == (MISUSED, True), output


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
def test_an_install_step_that_fails_is_reported(folder: Path, line: str, says: str) -> None:
    status, output = judge(folder, write_profile(folder, "", line), "W01")
    assert status == MISUSED
    assert says in output


def test_an_install_step_that_does_not_make_the_program_is_reported(folder: Path) -> None:
    profile = write_profile(folder, "", 'install = ["true"]')
    Path(profile).write_text(Path(profile).read_text().replace('"python", "-m"', '"./nothing"'))
    status, output = judge(folder, profile, "W01")
    assert status == MISUSED
    assert "The producer './nothing' is not a program that can be run" in output


def test_an_interrupt_ends_an_install_step_that_hangs(folder: Path) -> None:
    profile = write_profile(folder, "", 'install = ["sh", "-c", "mktemp; sleep 12345 & setsid sleep 12345"]')
    run = begin(folder, "--implementation", profile, "-k", "W01")
    wait_for_process(run, folder, "sleep 12345")
    os.killpg(run.pid, signal.SIGINT)
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert not run_processes(folder)
    assert not run_folders(folder)
    assert not left_behind(folder)


def test_two_runs_install_one_after_the_other(folder: Path) -> None:
    profile = write_profile(
        folder,
        "",
        f'install = ["sh", "-c", "mkdir {folder}/busy && sleep 1 && rmdir {folder}/busy"]',
    )
    runs = [begin(folder, "--implementation", profile, "-k", "P01", "--numprocesses", "0") for _ in range(2)]
    for run in runs:
        output, _ = run.communicate(timeout=LONG_ENOUGH)
        assert run.returncode == 0, output
