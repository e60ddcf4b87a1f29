"""Every check can fail: each mutant breaks exactly the core clauses that its docstring names."""

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from workqueue_spec.clauses import Class
from workqueue_spec.specification import chapters
from workqueue_spec.subject import ROOT

pytestmark = [pytest.mark.broker, pytest.mark.timeout(400)]

MUTANTS = sorted((ROOT / "mutants").glob("*_worker.py")) + sorted((ROOT / "mutants").glob("*_producer.py"))


def role(mutant: Path) -> str:
    return mutant.stem.rpartition("_")[2]


def breaks(mutant: Path) -> set[str]:
    """The clauses that a mutant's docstring names."""
    docstring = ast.get_docstring(ast.parse(mutant.read_text(encoding="utf-8"))) or ""
    named = re.search(r"^Breaks (.+)\.$", docstring, re.MULTILINE)
    assert named, f"{mutant.name} does not say what it breaks"
    return set(named[1].split(", "))


def asked_of(subject: str) -> list[str]:
    """The core clauses that a producer or a worker has a part in."""
    clauses = [clause for chapter in chapters() for clause in chapter.clauses]
    return [each.id for each in clauses if each.class_ is Class.CORE and each.subject in (subject, "system")]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.stem)
def test_a_mutant_breaks_what_it_says(mutant: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "spec_tests", "-p", "no:cacheprovider", "--class", "core"),
            *("--broker", "local", "--report-json", str(report), "-k", " or ".join(asked_of(role(mutant)))),
            *(f"--{role(mutant)}", shlex.join([sys.executable, str(mutant)])),
        ],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.exists(), run.stdout + run.stderr
    outcomes = {clause["id"]: clause["outcome"] for clause in json.loads(report.read_text())["clauses"]}
    assert "not judged" not in outcomes.values(), run.stdout
    assert {id_ for id_, outcome in outcomes.items() if outcome == "failed"} == breaks(mutant), run.stdout
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
