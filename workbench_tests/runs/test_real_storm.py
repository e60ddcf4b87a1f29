"""A storm with real workers and a real broker, its history in a file, and the same verdict from that file."""

import json
import signal
import sys
import time
from pathlib import Path

import pytest

from workqueue_spec.bench.storm.schedule import OF_NODES, FaultKind
from workqueue_spec.commands.judge import main
from workqueue_spec.commands.spelling import MISUSED

from .whole_runs import LONG_ENOUGH, begin, interrupt

pytestmark = [pytest.mark.broker, pytest.mark.timeout(3 * LONG_ENOUGH)]


def test_the_reference_loses_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history, report = folder / "h.jsonl", folder / "r.json"
    run = begin(
        folder,
        *("-k", "S02", "--chaos-seconds", "5", "--seed", "7", "--numprocesses", "1"),
        *("--storm-history", str(history), "--report-json", str(report)),
    )
    output, _ = run.communicate(timeout=2 * LONG_ENOUGH)
    assert run.returncode == 0, output

    assert main([str(history)]) == 0
    told = capsys.readouterr().out
    (clause,) = json.loads(report.read_text())["clauses"]
    storm = clause["details"]["storm"]
    assert f"{storm['tasks']} tasks, {storm['confirmed']} confirmed" in told
    assert {each["kind"].partition(" ")[2] for each in storm["faults"]} == set(FaultKind) - OF_NODES
    assert [each["kind"] for each in storm["schedule"]] == [
        each["kind"] for each in json.loads(history.read_text().partition("\n")[0])["schedule"]
    ]
    assert storm["lost"] == storm["unexpected"] == storm["repeated_in_silence"] == 0


def test_a_worker_that_loses_tasks_is_judged_alike_in_the_run_and_from_the_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = folder / "h.jsonl"
    worker = f"{sys.executable} -m mutants.workers.acks_before_the_work"
    run = begin(
        folder,
        *("-k", "S02", "--worker", worker, "--chaos-seconds", "0", "--numprocesses", "0"),
        *("--storm-history", str(history)),
    )
    output, _ = run.communicate(timeout=2 * LONG_ENOUGH)
    assert run.returncode == 1, output
    assert "--chaos-seconds 0 -k" in " ".join(output.partition("again:")[2].split())

    assert main([str(history)]) == 1
    assert "S02 is broken" in capsys.readouterr().out


def test_a_storm_that_is_interrupted_leaves_a_history_that_is_cut_off(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = folder / "h.jsonl"
    run = begin(folder, "-k", "S02", "--storm-history", str(history), "--numprocesses", "0")
    deadline = time.monotonic() + LONG_ENOUGH
    while not history.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(3)
    interrupt(run, signal.SIGINT)
    assert history.read_text().endswith("\n")
    assert main([str(history)]) == MISUSED
    assert "is cut off after" in capsys.readouterr().err


def test_a_history_that_cannot_be_written_is_refused_before_the_run(folder: Path) -> None:
    run = begin(folder, "-k", "S02", "--storm-history", str(folder / "nowhere" / "h.jsonl"))
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == 4
    assert "The history" in output
    assert "cannot be written" in output
