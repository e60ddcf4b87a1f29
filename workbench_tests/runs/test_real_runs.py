"""Whole runs of the suite: what they answer, and that nothing outlives them."""

import json
import os
import signal
from pathlib import Path

import psutil
import pytest

from .whole_runs import LONG_ENOUGH, begin, begin_module, folders, interrupted, marked, when

pytestmark = pytest.mark.broker


def test_a_run_answers_and_leaves_nothing(place: Path) -> None:
    report = place / "report.json"
    run = begin(place, "-k", "P01 or B11", "--report-json", str(report), "--seed", "7")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == 0, output
    data = json.loads(report.read_text())
    assert (data["schema"], data["verdict"], data["seed"]) == (1, "conformant", 7)
    assert data["counts"] == {"passed": 2, "failed": 0, "not judged": 0}
    assert [clause["id"] for clause in data["clauses"]] == ["B11", "P01"]
    assert not marked(place)
    assert not folders(place)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("processes", ["0", "2"])
def test_an_interrupted_run_leaves_nothing(place: Path, number: signal.Signals, processes: str) -> None:
    run = begin(place, "-k", "S01 or W06", "--numprocesses", processes)
    when(run, place, "reference.worker")
    output = interrupted(run, number)
    assert run.returncode == 2, output
    assert not marked(place)
    assert not folders(place)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(
    ("module", "arguments", "running"),
    [
        (
            "workqueue_spec.commands.implementations",
            ["reference", "amqp-tools", "java", "rabbitmq-c", "tutorial"],
            "beam.smp",
        ),
        ("workqueue_spec.commands.pairs", ["reference", "tutorial"], "reference.worker"),
        ("workqueue_spec.commands.kill_matrix", ["workers", "--side-by-side", "2"], "mutants.workers"),
    ],
    ids=["implementations", "pairs", "mutants"],
)
def test_a_command_of_many_runs_ends_them_all(
    place: Path, module: str, arguments: list[str], running: str, number: signal.Signals
) -> None:
    command = begin_module(place, module, *arguments)
    when(command, place, running)
    output = interrupted(command, number)
    assert command.returncode == 130, output
    assert not marked(place)
    assert not folders(place)


def test_the_next_run_clears_what_a_killed_one_left(place: Path) -> None:
    killed = begin(place, "-k", "S01", "--numprocesses", "0")
    when(killed, place, "reference.worker")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=LONG_ENOUGH)
    left = marked(place)
    assert left
    assert folders(place)

    following = begin(place, "-k", "P10", "--numprocesses", "0")
    output, _ = following.communicate(timeout=LONG_ENOUGH)

    assert following.returncode == 0, output
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in left)
    assert not marked(place)
    assert not folders(place)


def test_nothing_judged_is_no_success(place: Path) -> None:
    run = begin(place, "-k", "no_such_clause", "--numprocesses", "0")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, output


def test_a_lie_that_fails_is_said(place: Path) -> None:
    lie = place / "lie.py"
    lie.write_text(
        "from workqueue_spec.wiretap import only\n\n\n"
        "def lies(tap):\n    tap.rewrite(only('Basic.Publish')(lambda line, sender, frame: 1 / 0))\n"
    )
    run = begin(place, "-k", "B37", "--lie", str(lie), "--numprocesses", "0")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == 1, output
    assert "The lie failed: a rule on Basic.Publish: ZeroDivisionError" in output
    assert "conformant (" not in output


def test_the_reference_has_sent_what_is_confirmed_whatever_the_broker_says_then(place: Path) -> None:
    lie = place / "lie.py"
    lie.write_text(
        "from workqueue_spec.wiretap import only\n\n\n"
        "def lies(tap):\n"
        "    tap.rewrite(only('Channel.CloseOk', 'Connection.CloseOk')(lambda line, sender, frame: []))\n"
    )
    run = begin(place, "-k", "P02 and short", "--lie", str(lie), "--numprocesses", "0")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == 0, output
    assert "1 passed" in output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--worker", "no-such-program"], "The worker 'no-such-program' is not a program"),
        (["--broker", "lokal"], "There is no broker 'lokal'"),
        (["--broker", "amqp://me:secret@127.0.0.1:1/"], "No broker answers at amqp://me@127.0.0.1:1"),
        (["--implementation", "none.toml"], "Cannot read the profile none.toml"),
        (["--implementation", "x.toml", "--worker", "y"], "--implementation names both programs"),
        (["--report-json", "/no/such/folder/report.json"], "cannot be written"),
        (["--seconds-per-dot", "0"], "A dot of 0 s cannot be judged"),
    ],
)
def test_bad_input_is_said_in_a_sentence(place: Path, arguments: list[str], says: str) -> None:
    run = begin(place, *arguments)
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.USAGE_ERROR, output
    assert says in output
    assert "secret" not in output
    assert "Traceback" not in output
    assert not folders(place)
