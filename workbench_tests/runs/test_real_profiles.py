"""Programs unlike the contract: judged by their profile, and found out by `./spec profile init`."""

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

from .whole_runs import LONG_ENOUGH, begin, folders, marked

pytestmark = pytest.mark.broker

PROGRAM = Path(__file__).with_name("unlike.py")


def commands(ways: str) -> tuple[list[str], list[str]]:
    return ["python", str(PROGRAM), ways, "send"], ["python", str(PROGRAM), ways, "work"]


def written(place: Path, ways: str, *lines: str) -> Path:
    producer, worker = commands(ways)
    file = place / "profile.toml"
    file.write_text("\n".join([f"producer = {producer}", f"worker = {worker}", *lines]))
    return file


def conformant(place: Path, file: Path, clauses: str) -> str:
    """What a run prints that judges these clauses, all of which must pass."""
    run = begin(place, "--implementation", str(file), "-k", clauses, "--numprocesses", "0")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == 0, output
    assert "not judged" not in output
    return output


@pytest.mark.parametrize("how", ["json", "pickle", "signed"])
def test_a_program_that_wraps_its_tasks_is_judged(place: Path, how: str) -> None:
    file = written(place, f"{how},jobs", "envelope = true", 'queue = "jobs"')
    conformant(place, file, "W03 or W06 or P09")


def test_a_producer_that_starts_slowly_is_waited_for(place: Path) -> None:
    file = written(place, "late", "start_seconds = 40")
    conformant(place, file, "P18")


def test_the_programs_own_type_of_queue_is_the_runs(place: Path) -> None:
    file = written(place, "quorum", 'queue_type = "quorum"')
    assert "quorum queues" in conformant(place, file, "W01")


def tried_out(place: Path, ways: str) -> dict[str, Any]:
    """The profile that is written for the program."""
    producer, worker = commands(ways)
    file = place / "found.toml"
    arguments = ["--producer", shlex.join(producer), "--worker", shlex.join(worker), "--broker", "local"]
    done = subprocess.run(
        [sys.executable, "-m", "workqueue_spec.commands.profile", "init", str(file), *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(place)},
        capture_output=True,
        text=True,
        timeout=2 * LONG_ENOUGH,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert profile.read(file, None)
    assert not marked(place)
    assert not folders(place)
    return tomllib.loads(file.read_text())


@pytest.mark.timeout(3 * LONG_ENOUGH)  # it starts the program a dozen times
@pytest.mark.parametrize(
    ("ways", "keys"),
    [
        ("json,jobs,quorum", {"envelope": True, "queue": "jobs", "queue_type": "quorum"}),
        # What it sleeps, and what a busy machine adds before or after: it is no timer.
        ("slow,terminal", {"seconds_per_dot": pytest.approx(0.4, abs=0.1), "terminal": True}),
        ("variable", {"environment": {"BROKER_URL": "{url}"}}),
        ("host", {"environment": {"RABBITMQ_HOST": "{host}", "RABBITMQ_PORT": "{port}"}}),
        ("fixed", {"fixed_address": "localhost:5672"}),
    ],
)
def test_how_a_program_differs_is_found_out(place: Path, ways: str, keys: dict[str, Any]) -> None:
    found = tried_out(place, ways)
    told = {"envelope", "seconds_per_dot", "terminal", "environment", "fixed_address"}
    assert {key: value for key, value in found.items() if key in told | keys.keys()} == keys
