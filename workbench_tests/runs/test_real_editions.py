"""Runs that ask for an edition of the specification."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from workqueue_spec.specification import edition
from workqueue_spec.specification.chapters import clause_by_id

from .whole_runs import LONG_ENOUGH, begin

pytestmark = pytest.mark.broker

WORKER = f"{sys.executable} -m mutants.workers.says_nothing_of_a_failed_task"
"""A worker that breaks W10."""


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_clause_that_is_new_is_shown_and_fails_nobody(folder: Path, processes: str) -> None:
    """Edition 0.9 has W01 as today and W03 in other words; it has no W10."""
    reworded = replace(clause_by_id("W03"), statement="Another promise.")
    file, report = folder / "0.9.toml", folder / "report.json"
    file.write_text(edition.text("0.9", [clause_by_id("W01"), reworded], draft=False))
    run = begin(
        folder,
        *("-p", "workbench_tests.runs.other_editions", "--spec", "0.9", "--worker", WORKER),
        *("-k", "W01 or W03 or W10", "--report-json", str(report), "--numprocesses", processes),
        EDITIONS=str(folder),
    )
    output, _ = run.communicate(timeout=LONG_ENOUGH)

    assert run.returncode == 0, output
    data = json.loads(report.read_text())
    assert [(each["id"], each["outcome"], each["edition"]) for each in data["clauses"]] == [
        ("W01", "passed", None),
        ("W03", "passed", "reworded"),
        ("W10", "failed", "new"),
    ]
    assert (data["edition"], data["verdict"]) == ("0.9", "conformant")
    assert "except W03, which was reworded or retired since" in data["verdict_reason"]
    assert "    not in edition 0.9: it is shown, and does not count" in output
