"""Runs of a team's own tests: the example of docs/library.md, and what its tests do not show."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workqueue_spec import ROOT

from .whole_runs import LONG_ENOUGH, _cache

pytestmark = pytest.mark.broker

WORKER = f"{sys.executable} our_worker.py"
EARLY = f"env EARLY=1 {WORKER}"

BY_PYTEST = ("-m", "pytest", "-p", "workqueue_spec.plugin", "-p", "no:cacheprovider")
BY_THE_COMMAND = (
    "-c",
    """\
import sys
from pathlib import Path
import workqueue_spec.commands.entry as entry
entry.environment.python_with = lambda extra: Path(sys.executable)
entry.for_its_python = lambda variables, python: dict(variables)
entry.main()
""",
    "check",
)
"""`./spec check`, in the environment of this test instead of one that it makes."""

OF_ANOTHER_KIND = '''\
import pytest

from workqueue_spec.judgement import NotJudged
from workqueue_spec.specification import clause, must, production, should, worker


def own(id_, slug, level=must):
    return clause(id_, slug, production, level, owed_by=worker, source="https://wiki.example")


@pytest.fixture
def setting():
    raise RuntimeError("a fixture with a name that the suite could have used")


@own("A01", "plain-assertion")
def test_an_assertion(bench):
    """An assertion judges a clause."""
    worker = bench.start_worker()
    assert len(worker.deliveries(bench.send())) == 7, "seven deliveries"


@own("A02", "only-a-warning", should)
def test_a_warning():
    """A SHOULD that fails is a warning."""
    assert not "kept"


@own("A03", "skips-itself")
def test_that_skips_itself():
    """A test that skips itself does not judge its clause."""
    pytest.skip("no time for that")


@own("A04", "known-to-fail")
def test_that_is_known():
    """A failure can be known."""
    raise AssertionError


def test_plain_that_cannot_be_judged(bench):
    raise NotJudged("it takes another broker")
'''


@pytest.fixture
def team(folder: Path) -> Path:
    """A folder of a team's, far from the checkout, with the example in it."""
    return Path(shutil.copytree(ROOT / "docs" / "example", folder / "team"))


def run(team: Path, how: tuple[str, ...], *arguments: str) -> tuple[int, str]:
    """The exit status and the output of a run on a local node."""
    variables = {"TMPDIR": str(team.parent), "XDG_CACHE_HOME": _cache(), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *how, *arguments, "--broker", "local"],
        cwd=team,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONG_ENOUGH,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("how", [BY_PYTEST, BY_THE_COMMAND], ids=["pytest", "command"])
def test_the_examples_worker_keeps_its_promises(team: Path, how: tuple[str, ...]) -> None:
    report = team / "report.json"
    status, output = run(team, how, "test_our_worker.py", "--worker", WORKER, "--report-json", str(report))

    assert status == 0, output
    assert "3 passed" in output
    data = json.loads(report.read_text())
    assert [(each["id"], each["outcome"]) for each in data["clauses"]] == [
        ("T01", "passed"),
        ("T02", "passed"),
    ]
    assert data["verdict"] == "inconclusive"
    assert data["verdict_reason"].startswith("2 clauses of your own hold; none of the specification's 1")


@pytest.mark.parametrize("how", [BY_PYTEST, BY_THE_COMMAND], ids=["pytest", "command"])
def test_the_examples_faulty_worker_is_found(team: Path, how: tuple[str, ...]) -> None:
    status, output = run(team, how, "test_our_worker.py", "--worker", EARLY, "-k", "invoice")

    assert status == 1, output
    assert "expected  no acknowledgement before the work is done" in output
    assert "seen      worker 1: acknowledged at +" in output
    assert f"check test_our_worker.py --worker '{EARLY}' --broker local -k T02 --seed" in output
    assert "1 passed, 1 failed: nonconformant (T02 does not hold)" in output


def test_a_broker_and_a_tap_of_ones_own_need_no_program(team: Path) -> None:
    status, output = run(team, BY_PYTEST, "test_without_the_bench.py")

    assert status == 0, output
    assert "== clauses ==" not in output


def test_both_are_run_if_both_are_named(team: Path) -> None:
    both = ("test_our_worker.py", str(ROOT / "spec_tests"), "-k", "T01 or W01", "-v", "--numprocesses", "2")
    status, output = run(team, BY_THE_COMMAND, *both, "--worker", WORKER)

    assert status == 0, output
    assert output.index("W01 manual-acknowledgement") < output.index("T01 one-invoice-at-a-time")
    assert "clauses was asked for, and it holds; 1 clause of your own holds" in output


def test_own_clauses_fail_warn_and_are_known_as_the_specifications(team: Path) -> None:
    (team / "test_others.py").write_text(OF_ANOTHER_KIND)
    (team / "known.toml").write_text('[known_failures]\nA04 = "issue 7"\n')
    report = team / "report.json"
    given = ("test_others.py", "--known-failures", "known.toml", "--report-json", str(report))
    status, output = run(team, BY_PYTEST, *given, "--worker", WORKER)

    assert status == 1, output
    assert "1 failed, 2 skipped, 2 xfailed" in output
    outcomes = {each["id"]: each["outcome"] for each in json.loads(report.read_text())["clauses"]}
    assert outcomes == {"A01": "failed", "A02": "failed", "A03": "not judged", "A04": "failed"}
    assert "expected  what the test asserts" in output
    assert "AssertionError: seven deliveries" in output
    assert "A03 not judged: no time for that" in output
    assert "    known: issue 7" in output


def test_a_warning_and_a_known_failure_of_ones_own_fail_nobody(team: Path) -> None:
    (team / "test_others.py").write_text(OF_ANOTHER_KIND)
    (team / "known.toml").write_text('[known_failures]\nA04 = "issue 7"\n')
    given = ("test_others.py", "--known-failures", "known.toml", "-k", "A02 or A04")
    status, output = run(team, BY_PYTEST, *given, "--worker", WORKER)

    assert status == 0, output
    assert "2 failed: nonconformant (A04 does not hold)" in output
