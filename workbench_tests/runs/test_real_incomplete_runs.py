"""Runs that do not come to their end: each says so, and none is conformant."""

import json
import os
import pty
import signal
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from workqueue_spec.broker.local import LocalBroker
from workqueue_spec.broker.run import Run

from .whole_runs import (
    LONG_ENOUGH,
    begin,
    begin_check,
    begin_on_a_terminal,
    interrupt,
    run_folders,
    run_processes,
    wait_for_process,
)

pytestmark = pytest.mark.broker

KILLING_WORKER = Path(__file__).with_name("killing_worker.py")


def report_of(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_broker_that_dies_is_no_fault_of_the_program(folder: Path, processes: str) -> None:
    worker = f"{sys.executable} {KILLING_WORKER} {folder}"
    arguments = [
        "--worker",
        worker,
        "-k",
        "W03 or W10 or W01 or W31",
        "--report-json",
        f"{folder}/report.json",
    ]
    run = begin(folder, *arguments, "--numprocesses", processes)
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    report = report_of(folder)
    assert report["verdict"] == "inconclusive"
    assert report["verdict_reason"].startswith("the broker failed: it is gone (Connection refused); W")
    assert report["verdict_reason"].endswith("running when that was noticed")
    assert report["counts"]["failed"] == 0
    assert f"inconclusive ({report['verdict_reason']})" in output
    assert "Traceback" not in output
    assert not run_processes(folder)
    assert not run_folders(folder)


def test_a_garagemq_that_dies_ends_the_judging_of_one_clause_alone(folder: Path) -> None:
    worker = f"{sys.executable} {KILLING_WORKER} {folder}"
    arguments = ["--broker", "garagemq", "--worker", worker, "-k", "S01 or B18", "--numprocesses", "0"]
    run = begin(folder, *arguments, "--report-json", f"{folder}/report.json")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.OK, output
    outcomes = {each["id"]: (each["outcome"], each["reason"]) for each in report_of(folder)["clauses"]}
    assert outcomes["B18"] == ("passed", "")
    outcome, reason = outcomes["S01"]
    assert outcome == "not judged"
    assert reason.startswith("the broker failed: it ended by itself")
    assert not run_processes(folder)
    assert not run_folders(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_garagemq(folder: Path, number: signal.Signals) -> None:
    run = begin(folder, "--broker", "garagemq", "-k", "S01 or W02 or B12", "--numprocesses", "2")
    wait_for_process(run, folder, "garagemq")
    output = interrupt(run, number)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert not run_processes(folder)
    assert not run_folders(folder)


def test_what_a_killed_run_leaves_of_garagemq_is_removed_by_the_next(folder: Path) -> None:
    killed = begin(folder, "--broker", "garagemq", "-k", "S01", "--numprocesses", "0")
    wait_for_process(killed, folder, "garagemq")
    killed.kill()
    killed.communicate(timeout=LONG_ENOUGH)
    run = begin(folder, "--broker", "garagemq", "-k", "B01", "--numprocesses", "0")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.OK, output
    assert not run_processes(folder)
    assert not run_folders(folder)


@pytest.mark.parametrize("processes", ["0", "2"])
def test_two_interrupts_are_one(folder: Path, processes: str) -> None:
    arguments = ["-k", "S01 or W06 or P01", "--numprocesses", processes]
    run = begin(folder, *arguments, "--report-json", f"{folder}/report.json")
    wait_for_process(run, folder, "reference.worker")
    for _ in range(4):
        os.killpg(run.pid, signal.SIGINT)
        time.sleep(0.05)
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert report_of(folder)["verdict"] == "inconclusive"
    assert "the run was interrupted" in report_of(folder)["verdict_reason"]
    assert "Traceback" not in output
    assert not run_processes(folder)
    assert not run_folders(folder)


def test_a_process_of_the_suite_that_is_killed_judges_nothing(folder: Path) -> None:
    run = begin(folder, "-k", "S01 or W06", "--numprocesses", "2", "--report-json", f"{folder}/report.json")
    wait_for_process(run, folder, "reference.worker")
    children = [
        each for each in psutil.Process(run.pid).children() if "stdin.readline" in " ".join(each.cmdline())
    ]
    assert len(children) == 2
    for each in children:
        each.kill()
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode != 0, output
    report = report_of(folder)
    assert report["verdict"] == "inconclusive"
    assert "not come to" in report["verdict_reason"]
    assert "the process that judged it ended" in {each["reason"] for each in report["clauses"]}
    assert not run_processes(folder)
    assert not run_folders(folder)


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3, 1.0, 2.0])
def test_an_interrupt_in_the_first_second_gets_a_sentence(folder: Path, seconds: float) -> None:
    run = begin_check(folder, "-k", "W03", "-p", "no:cacheprovider")
    time.sleep(seconds)
    output = interrupt(run, signal.SIGINT)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert "nterrupt" in output
    assert "Traceback" not in output
    assert not run_processes(folder)
    assert not run_folders(folder)


@pytest.mark.parametrize(
    "early",
    [
        "class Name:\n    def __set_name__(self, *_): {}\n\n\nclass Owner:\n    name = Name()\n",
        "def pytest_configure(): {}",
        "def pytest_configure(): exec('{}')",
    ],
)
def test_an_interrupt_before_pytest_has_its_reporter_gets_a_sentence(folder: Path, early: str) -> None:
    (folder / "interrupts_early.py").write_text(early.format("import os; os.kill(os.getpid(), 2)"))
    run = begin_check(folder, "-k", "W03", "-p", "interrupts_early", PYTHONPATH=str(folder))
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert output == "\nspec: interrupted.\n"
    assert not run_folders(folder)


def test_the_end_of_the_terminal_ends_the_run(folder: Path) -> None:
    ours, theirs = pty.openpty()
    run = begin_on_a_terminal(folder, theirs, "-k", "S01 or W06", "--numprocesses", "0")
    os.close(theirs)
    try:
        wait_for_process(run, folder, "reference.worker")
    finally:
        os.close(ours)
    os.killpg(run.pid, signal.SIGHUP)  # the system does this to the terminal's foreground
    run.wait(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert not run_processes(folder)
    assert not run_folders(folder)


def test_a_broker_that_blocks_publishers_is_told_at_the_start(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "run"
    home.mkdir()
    (home / "tmp").mkdir()
    broker = LocalBroker.open(Run(home))
    try:
        broker.evaluate("rabbit_disk_monitor:set_disk_free_limit(1000000000000000), timer:sleep(1000)")
        run = begin(folder, "--broker", broker.address.url(), "-k", "B01", "--numprocesses", "0")
        output, _ = run.communicate(timeout=LONG_ENOUGH)
    finally:
        broker.close()
    assert run.returncode == pytest.ExitCode.USAGE_ERROR, output
    assert "takes no messages (it says 'low on disk')" in output
    assert "make space free" in output
    assert "this run makes queues in '/' named workqueue-spec-run-" in output, "it is said before"


def test_an_error_of_the_suites_own_shows_no_environment(folder: Path) -> None:
    lie = folder / "lie.py"
    lie.write_text(
        "import os\n\n\ndef lies(tap):\n    raise OSError(7, f'Argument list too long: {dict(os.environ)}')\n"
    )
    junit, report = folder / "junit.xml", folder / "report.json"
    arguments = ["-k", "W03", "--lie", str(lie), "--numprocesses", "0", "--showlocals", "--fulltrace"]
    files = ["--junit-xml", str(junit), "--report-json", str(report)]
    secrets = {"MY_SECRET": "mellon-mellon", "PLAIN_NAME": "speak-friend"}
    run = begin(folder, *arguments, *files, **secrets)
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == 1, output
    for text in (output, junit.read_text(), report.read_text()):
        assert "Argument list too long" in text
        assert not any(secret in text for secret in secrets.values())
    assert report_of(folder)["verdict"] == "inconclusive"
