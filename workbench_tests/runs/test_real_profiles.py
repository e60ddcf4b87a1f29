"""Programs that differ from the contract: runs with their profiles, and how `./spec profile init` writes these."""

import json
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec import ROOT
from workqueue_spec.programs import profile

from .whole_runs import LONG_ENOUGH, begin, run_folders, run_processes

pytestmark = pytest.mark.broker

PROGRAM = Path(__file__).with_name("unusual_program.py")


def commands(differences: str) -> tuple[list[str], list[str]]:
    return ["python", str(PROGRAM), differences, "send"], ["python", str(PROGRAM), differences, "work"]


def write_profile(folder: Path, differences: str, *lines: str) -> Path:
    producer, worker = commands(differences)
    file = folder / "profile.toml"
    file.write_text("\n".join([f"producer = {producer}", f"worker = {worker}", *lines]))
    return file


def judge(folder: Path, file: Path, clauses: str) -> str:
    """The output of a run that judges these clauses. Asserts that all of them pass."""
    run = begin(folder, "--implementation", str(file), "-k", clauses, "--numprocesses", "0")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == 0, output
    assert "not judged" not in output
    return output


@pytest.mark.parametrize("how", ["json", "pickle", "signed"])
def test_a_program_that_wraps_its_tasks_is_judged(folder: Path, how: str) -> None:
    file = write_profile(folder, f"{how},jobs", "envelope = true", 'queue = "jobs"')
    judge(folder, file, "W03 or W06 or P09")


def test_a_run_waits_for_a_producer_that_starts_slowly(folder: Path) -> None:
    file = write_profile(folder, "late", "start_seconds = 40")
    judge(folder, file, "P18")


def test_a_run_uses_the_queue_type_of_the_profile(folder: Path) -> None:
    file = write_profile(folder, "quorum", 'queue_type = "quorum"')
    assert "quorum queues" in judge(folder, file, "W01")


def test_a_report_says_how_a_program_uses_its_queues(folder: Path) -> None:
    report = folder / "report.json"
    limits = ["--prefetch", "8", "--concurrency", "4"]
    topic = ["--implementation", str(ROOT / "mutants/profiles/topic.toml")]
    run = begin(folder, *topic, *limits, "-k", "P01", "--numprocesses", "0", "--report-json", str(report))
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == 0, output
    used = {
        "prefetch": 8,
        "concurrency": 4,
        "exchange": "events",
        "routing_key": "report.asked",
        "queues": ["task_queue"],
    }
    assert used.items() <= json.loads(report.read_text()).items()


def write_by_init(folder: Path, differences: str) -> dict[str, Any]:
    """The profile that `./spec profile init` writes for the program."""
    producer, worker = commands(differences)
    file = folder / "found.toml"
    arguments = ["--producer", shlex.join(producer), "--worker", shlex.join(worker), "--broker", "local"]
    finished = subprocess.run(
        [sys.executable, "-m", "workqueue_spec.commands.profile", "init", str(file), *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=2 * LONG_ENOUGH,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert profile.read(file, None)
    assert not run_processes(folder)
    assert not run_folders(folder)
    return tomllib.loads(file.read_text())


@pytest.mark.timeout(3 * LONG_ENOUGH)  # it starts the program a dozen times
@pytest.mark.parametrize(
    ("differences", "keys"),
    [
        ("json,jobs,quorum", {"envelope": True, "queue": "jobs", "queue_type": "quorum"}),
        # The program sleeps for 0.4 s; a busy machine adds some time before or after.
        ("slow,terminal", {"seconds_per_dot": pytest.approx(0.4, abs=0.1), "terminal": True}),
        ("variable", {"environment": {"BROKER_URL": "{url}"}, "failing_word": "", "name": "runs"}),
        ("host", {"environment": {"RABBITMQ_HOST": "{host}", "RABBITMQ_PORT": "{port}"}}),
        ("exchange,several", {"exchange": "events", "routing_key": "report.asked", "prefetch": 4}),
        ("fixed", {"fixed_address": "localhost:5672"}),
    ],
)
def test_init_finds_out_how_a_program_differs(folder: Path, differences: str, keys: dict[str, Any]) -> None:
    found = write_by_init(folder, differences)
    compared = {
        "exchange",
        "routing_key",
        "prefetch",
        "concurrency",
        "envelope",
        "seconds_per_dot",
        "terminal",
        "environment",
        "fixed_address",
    }
    assert {key: value for key, value in found.items() if key in compared | keys.keys()} == keys


@pytest.mark.timeout(3 * LONG_ENOUGH)
def test_init_tells_of_tasks_that_take_long_and_finds_the_word_that_makes_one_fail(folder: Path) -> None:
    found = write_by_init(folder, "lazy,fails")

    assert "failing_word" not in found
    assert "# a task without dots took 1." in (folder / "found.toml").read_text()
