"""The model finds a lie, and the steps that it reports are a test that finds the lie again."""

import json
from pathlib import Path

import pytest

from workqueue_spec import ROOT

from .whole_runs import LONG_ENOUGH, begin, run_folders, run_processes

LIE = ROOT / "mutants" / "brokers" / "does_not_count_what_it_purges.py"

pytestmark = pytest.mark.broker


def test_the_reported_steps_can_be_pasted_and_fail_again(folder: Path) -> None:
    report, steps = folder / "report.json", folder / "test_steps.py"
    lying = ["--numprocesses", "0", "--lie", str(LIE)]
    arguments = ["-k", "B49", "--model-examples", "60", "--seed", "5622", "--report-json", str(report)]
    run = begin(folder, *lying, *arguments)
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, output
    (clause,) = [each for each in json.loads(report.read_text())["clauses"] if each["id"] == "B49"]
    steps.write_text(clause["details"]["steps"])
    assert all(line in output for line in clause["details"]["steps"].splitlines())
    assert "run.purges(" in clause["details"]["steps"]

    run = begin(folder, *lying, str(steps), "-k", "steps_that_the_model_found")
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, output
    assert clause["expected"] in output
    assert not run_processes(folder)
    assert not run_folders(folder)
