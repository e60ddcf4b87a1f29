"""Whole runs on a cluster of local nodes: S03 can fail, and nothing outlives a run."""

import json
import signal
from pathlib import Path

import pytest

from .whole_runs import LONG_ENOUGH, begin, interrupt, run_folders, run_processes, wait_for_process

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

LIE = Path(__file__).with_name("loses_what_a_lost_node_delivered.py")
ON_A_CLUSTER = ("--broker", "cluster:local", "--numprocesses", "0")
NINE_FAULTS = 4 * LONG_ENOUGH


def test_a_cluster_that_loses_what_a_lost_node_delivered_breaks_s03(folder: Path) -> None:
    report = folder / "report.json"
    run = begin(folder, *ON_A_CLUSTER, "-k", "S03", "--lie", str(LIE), "--report-json", str(report))
    output, _ = run.communicate(timeout=NINE_FAULTS)

    assert run.returncode == 1, output
    data = json.loads(report.read_text())
    assert data["queue_type"] == "quorum"
    s03 = next(each for each in data["clauses"] if each["id"] == "S03")
    assert s03["outcome"] == "failed", s03
    assert "never finished" in output, output
    assert not run_processes(folder)
    assert not run_folders(folder)


@pytest.mark.parametrize("running", ["beam.smp", "reference.worker"])
def test_an_interrupted_run_on_a_cluster_leaves_nothing(folder: Path, running: str) -> None:
    run = begin(folder, *ON_A_CLUSTER, "-k", "W06")
    wait_for_process(run, folder, running)
    output = interrupt(run, signal.SIGINT)

    assert run.returncode == 2, output
    assert not run_processes(folder)
    assert not run_folders(folder)


def test_the_next_run_clears_the_cluster_of_a_killed_one(folder: Path) -> None:
    run = begin(folder, *ON_A_CLUSTER, "-k", "W06")
    wait_for_process(run, folder, "reference.worker")
    run.kill()
    run.wait()
    assert run_processes(folder)

    following = begin(folder, "-k", "B11", "--numprocesses", "0")
    output, _ = following.communicate(timeout=LONG_ENOUGH)
    assert following.returncode == 0, output
    assert not run_processes(folder)
    assert not run_folders(folder)
