"""A team starts with what fails today: a run writes the list of known failures, and later runs judge with it."""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from .whole_runs import LONG_ENOUGH, begin

pytestmark = pytest.mark.broker

WORKER = f"{sys.executable} -m mutants.workers.says_nothing_of_a_failed_task"
"""A worker that breaks W10."""


def judge(folder: Path, status: int, *arguments: str) -> tuple[dict[str, Any], str]:
    """The report and the output of a run, which must end with this status."""
    report = folder / "report.json"
    run = begin(folder, "-k", "W05 or W10", "--report-json", str(report), "--numprocesses", "0", *arguments)
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == status, output
    return json.loads(report.read_text()), output


@pytest.mark.timeout(4 * LONG_ENOUGH)
def test_a_list_is_written_then_judged_with_and_then_out_of_date(folder: Path) -> None:
    file = folder / "known.toml"

    _, output = judge(folder, 1, "--worker", WORKER, "--write-known-failures", str(file))
    known = tomllib.loads(file.read_text())["known_failures"]
    assert known.keys() == {"W10"}
    assert known["W10"].startswith("expected ")
    assert f"wrote 1 clause to {file}; to judge with this list: --known-failures {file}" in output

    data, _ = judge(folder, 0, "--worker", WORKER, "--known-failures", str(file))
    assert (data["verdict"], data["verdict_reason"]) == ("nonconformant", "W10 does not hold")
    assert data["clauses"][1]["known_failure"] == known["W10"]

    _, output = judge(folder, 1, "--known-failures", str(file))
    assert "it holds, so remove it from the known failures: expected " in output

    judge(folder, 0, "--write-known-failures", str(file))
    assert tomllib.loads(file.read_text()) == {"known_failures": {}}
