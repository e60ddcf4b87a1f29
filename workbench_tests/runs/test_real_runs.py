"""Whole runs of the suite: their exit status and output, and that nothing outlives them."""

import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from workqueue_spec import ROOT
from workqueue_spec.specification.chapters import all_clauses

from .whole_runs import (
    LONG_ENOUGH,
    begin,
    begin_module,
    interrupt,
    run_folders,
    run_processes,
    wait_for_process,
)

pytestmark = pytest.mark.broker


def test_a_run_reports_and_leaves_nothing(folder: Path) -> None:
    report, html = folder / "report.json", folder / "report.html"
    files = ["--report-json", str(report), "--report-html", str(html)]
    run = begin(folder, "-k", "P01 or B11", *files, "--seed", "7")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == 0, output
    assert 'id="behaviour-B11"' in html.read_text()
    data = json.loads(report.read_text())
    assert (data["schema"], data["verdict"], data["seed"]) == (2, "inconclusive", 7)
    whole = sum(
        not (clause.for_services or clause.for_clusters or clause.asked_by) for clause in all_clauses()
    )
    assert data["verdict_reason"] == f"2 of {whole} clauses were asked for, and they hold"
    assert data["counts"] == {"passed": 2, "failed": 0, "not judged": 0}
    assert [clause["id"] for clause in data["clauses"]] == ["B11", "P01"]
    assert not run_processes(folder)
    assert not run_folders(folder)


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["SIGINT", "SIGTERM", "SIGHUP"]
)
@pytest.mark.parametrize("processes", ["0", "2"])
def test_an_interrupted_run_leaves_nothing(folder: Path, number: signal.Signals, processes: str) -> None:
    run = begin(folder, "-k", "S01 or W06", "--numprocesses", processes)
    wait_for_process(run, folder, "reference.worker")
    output = interrupt(run, number)
    assert run.returncode == 2, output
    assert not run_processes(folder)
    assert not run_folders(folder)


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
def test_an_interrupted_command_ends_all_its_runs(
    folder: Path, module: str, arguments: list[str], running: str, number: signal.Signals
) -> None:
    command = begin_module(folder, module, *arguments)
    wait_for_process(command, folder, running)
    output = interrupt(command, number)
    assert command.returncode == 130, output
    assert not run_processes(folder)
    assert not run_folders(folder)


def test_the_next_run_clears_what_a_killed_one_left(folder: Path) -> None:
    killed = begin(folder, "-k", "S01", "--numprocesses", "0")
    wait_for_process(killed, folder, "reference.worker")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=LONG_ENOUGH)
    left = run_processes(folder)
    assert left
    assert run_folders(folder)

    following = begin(folder, "-k", "P10", "--numprocesses", "0")
    output, _ = following.communicate(timeout=LONG_ENOUGH)

    assert following.returncode == 0, output
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in left)
    assert not run_processes(folder)
    assert not run_folders(folder)


def profile_that_is_not_asked_for_w03(folder: Path, worker: str) -> Path:
    profile = folder / "profile.toml"
    python = f'["{sys.executable}", "-m"'
    profile.write_text(
        f'producer = {python}, "reference.new_task"]\nworker = {python}, "{worker}"]\n'
        f'folder = "{ROOT}"\n[not_asked]\nW03 = "for this test"\n'
    )
    return profile


def test_a_run_that_judges_nothing_fails(folder: Path) -> None:
    profile = profile_that_is_not_asked_for_w03(folder, "reference.worker")
    run = begin(folder, "-k", "W03", "--implementation", str(profile), "--numprocesses", "0")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, output


def test_a_clause_that_is_not_asked_is_not_judged_by_the_tests_of_others_either(folder: Path) -> None:
    profile = profile_that_is_not_asked_for_w03(folder, "mutants.workers.acks_before_the_work")
    run = begin(folder, "-k", "W03 or W04", "--implementation", str(profile), "--numprocesses", "0")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == 0, output
    assert "W03 not judged: for this test" in output


def test_a_lie_that_raises_is_reported(folder: Path) -> None:
    lie = folder / "lie.py"
    lie.write_text(
        "from workqueue_spec.wiretap import only\n\n\n"
        "def lies(tap):\n    tap.rewrite(only('Basic.Publish')(lambda connection, sender, frame: 1 / 0))\n"
    )
    run = begin(folder, "-k", "B37", "--lie", str(lie), "--numprocesses", "0")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == 1, output
    assert "The lie failed: a rule on Basic.Publish: ZeroDivisionError" in output
    assert "conformant (" not in output


def test_the_reference_needs_no_answer_to_its_close(folder: Path) -> None:
    lie = folder / "lie.py"
    lie.write_text(
        "from workqueue_spec.wiretap import only\n\n\n"
        "def lies(tap):\n"
        "    tap.rewrite(only('Channel.CloseOk', 'Connection.CloseOk')(lambda connection, sender, frame: []))\n"
    )
    run = begin(folder, "-k", "P02 and short", "--lie", str(lie), "--numprocesses", "0")
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
        (["--report-json", "/no/such/folder/report.json"], "cannot be written"),
        (["--pcap", "README.md"], "--pcap README.md cannot be made (File exists); name a folder."),
        (["--report-html", "/no/such/folder/report.html"], "cannot be written"),
        (["--seconds-per-dot", "-1"], "A dot of -1 s cannot be judged"),
        (["--chaos-seconds", "-5"], "--chaos-seconds -5 is out of range"),
        (["--model-examples", "-1"], "--model-examples -1 is out of range"),
        (["--chaos-seconds", "nan"], "--chaos-seconds nan is out of range"),
        (["--chaos-seconds", "1e9"], "--chaos-seconds 1e+09 is out of range"),
        (["--numprocesses", "50"], "--numprocesses 50 is too many"),
        (["--implementation", "/dev/zero"], "Cannot read the profile /dev/zero: it is no regular file."),
        (["--spec", "0.1"], "There is no edition '0.1' of the specification; known: 1.0"),
        (["W06"], "W06 is no file; to select a clause: -k W06."),
        (["nosuchfile.py"], "There is no file 'nosuchfile.py'"),
        (["spec_tests/test_worker.py::test_qq"], "There is no test 'test_qq' in spec_tests/test_worker.py"),
        (["-k", "W03 and ("], "-k 'W03 and (' cannot be read"),
        (["-k", "no_such_clause"], "-k 'no_such_clause' selects no clause"),
        (["--worker", "/bin/false"], "it ended with status 1 and never connected to the broker"),
        (["--producer", "/bin/false"], "The producer cannot be judged: it ended with status 1"),
    ],
)
def test_bad_input_is_reported_in_a_sentence(folder: Path, arguments: list[str], says: str) -> None:
    run = begin(folder, *arguments)
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.USAGE_ERROR, output
    assert says in output
    assert "secret" not in output
    assert "Traceback" not in output
    assert not run_folders(folder)


def test_a_program_that_floods_ends_its_test_soon(folder: Path) -> None:
    program = Path(__file__).with_name("flooding_worker.py")
    report = folder / "report.json"
    run = begin(
        folder,
        *("--worker", f"{sys.executable} {program}", "-k", "W03", "--numprocesses", "0"),
        *("--report-json", str(report)),
    )
    output, _ = run.communicate(timeout=LONG_ENOUGH)

    assert run.returncode == 1, output
    (clause,) = json.loads(report.read_text())["clauses"]
    assert "the program floods: " in clause["reason"]
    assert not run_processes(folder)


def test_an_option_with_a_typo_is_answered(folder: Path) -> None:
    run = begin_module(folder, "workqueue_spec.commands.check", "spec_tests", "--chaos-second", "5")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.USAGE_ERROR, output
    assert "There is no option --chaos-second; did you mean --chaos-seconds?" in output


@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_temporary_folder_that_others_may_change_is_not_used(folder: Path, mode: int) -> None:
    home = folder / f"workqueue-spec-{os.getuid()}"
    home.mkdir()
    home.chmod(mode)
    run = begin(folder, "-k", "W03")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.USAGE_ERROR, output
    assert f"Other users may change the folder {home}; run `chmod 700 {home}` if you trust it" in output
