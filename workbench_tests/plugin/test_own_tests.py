"""Runs of a team's own tests: when a run judges, and what is said of own clauses."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workqueue_spec import COMMAND, ROOT
from workqueue_spec.plugin import asked, options, selection
from workqueue_spec.plugin.arguments import name_own_tests, name_the_specification
from workqueue_spec.plugin.judging import _clause_of_the_specification
from workqueue_spec.programs.subject import reference
from workqueue_spec.specification import clause, must, production, worker
from workqueue_spec.specification.clauses import Clause, clause_of

LONG_ENOUGH = 60.0


def own(name: str = "T01") -> Clause:
    @clause(name, "it-holds", production, must, owed_by=worker, source="https://wiki.example")
    def test_it() -> None:
        """It holds."""

    found = clause_of(test_it)
    assert found is not None
    return found


def config(folder: Path, *arguments: str, **given: Any) -> Any:
    return SimpleNamespace(
        args=list(arguments),
        option=SimpleNamespace(**given),
        known_args_namespace=SimpleNamespace(pyargs=False),
        invocation_params=SimpleNamespace(dir=folder),
    )


@pytest.mark.parametrize(
    ("argument", "specification"),
    [
        ("spec_tests", True),
        ("spec_tests/test_worker.py::test_it", True),
        (".", True),
        ("..", False),  # an environment with the suite in it may lie in a team's folder
        ("docs/example/test_our_worker.py", False),
    ],
)
def test_what_names_the_specification(argument: str, specification: bool) -> None:
    given = config(ROOT, argument)
    assert name_the_specification(given.args, given) is specification
    assert name_own_tests(given.args, given) is not specification


@pytest.mark.parametrize("named", [["test_ours.py"], ["test_ours.py", str(ROOT / "spec_tests")]])
def test_any_keyword_may_select_an_own_test(tmp_path: Path, named: list[str]) -> None:
    (tmp_path / "test_ours.py").touch()
    given = config(tmp_path, *named, keyword="invoice")
    selection.check_named(given)
    selection.check_keyword(given, reference("classic"))


def test_an_own_clause_is_of_no_edition() -> None:
    given: Any = SimpleNamespace(option=SimpleNamespace(edition="1.0", clause_class="production"))
    assert asked.change_of(own(), given) is None
    assert asked.as_asked(own(), given) == own()
    assert asked.is_asked_for(own(), given)


_OPTIONAL = (
    "producer",
    "implementation",
    "seconds_per_dot",
    "edition",
    "known_failures",
    "broker_ca",
    "prefetch",
    "concurrency",
    "service",
    "part_of",
)


@pytest.mark.parametrize(("folder", "shown"), [("", "test_ours.py"), ("elsewhere", "{}/test_ours.py")])
def test_the_command_that_judges_again_names_the_file(tmp_path: Path, folder: str, shown: str) -> None:
    given = config(
        tmp_path / folder,
        str(tmp_path / "test_ours.py"),
        **dict.fromkeys(_OPTIONAL),
        worker="ours",
        broker="auto",
        queue_type="classic",
        chaos_seconds=10.0,
        model_examples=0,
        seed=7,
    )
    words = f"{COMMAND} check {shown.format(tmp_path)} --worker ours -k T01 --seed 7"
    assert options.again(given, "T01") == words


@pytest.mark.parametrize(("seconds", "shown"), [(10.0, ""), (60.0, "--chaos-seconds 60 ")])
def test_the_command_that_judges_a_storm_again_makes_the_same_faults(
    tmp_path: Path, seconds: float, shown: str
) -> None:
    values = {"worker": "ours", "broker": "auto", "queue_type": "classic", "seed": 7}
    given = config(tmp_path, **dict.fromkeys(_OPTIONAL), **values, chaos_seconds=seconds, model_examples=0)
    assert options.again(given, "S02") == f"{COMMAND} check --worker ours {shown}-k S02 --seed 7"


@pytest.mark.parametrize(
    ("test", "id_"),
    [
        ("spec_tests/test_worker.py::test_the_worker_acknowledges_by_hand", "W01"),
        ("../lib/spec_tests/test_worker.py::test_the_worker_acknowledges_by_hand", "W01"),
        ("test_worker.py::test_the_worker_acknowledges_by_hand", "W01"),
        ("tests/test_worker.py::test_the_worker_acknowledges_by_hand", None),
    ],
)
def test_a_clause_of_the_specification_is_known_by_its_test(test: str, id_: str | None) -> None:
    found = _clause_of_the_specification(test)
    assert (found and found.id) == id_


# Runs of pytest that start no broker

OURS = """\
def test_plain():
    pass

def test_with_a_bench(bench):
    pass
"""


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A run in which a broker that is started would be an error: its image does not exist."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--broker", "no-such-broker", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=LONG_ENOUGH,
        check=False,
    )


def test_without_a_program_nothing_is_started_and_a_bench_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "test_ours.py").write_text(OURS)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["workqueue_spec.plugin"]\n')
    done = run(tmp_path)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "1 passed, 1 error" in done.stdout
    assert "need a program to judge, and this run names none: give --worker CMD" in done.stdout
    assert "== clauses ==" not in done.stdout


def test_with_a_program_the_broker_is_opened(tmp_path: Path) -> None:
    (tmp_path / "test_ours.py").write_text(OURS)
    done = run(tmp_path, "-p", "workqueue_spec.plugin", "--worker", sys.executable)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "There is no broker 'no-such-broker'" in done.stderr


def test_a_teams_fixtures_do_not_meet_ours(tmp_path: Path) -> None:
    """The suite's own fixtures have names that begin with an underscore, except those that are documented."""
    done = run(tmp_path, "-p", "workqueue_spec.plugin", "--fixtures")
    names = re.findall(r"^(\w+)(?: \[.*\])? -- .*plugin/fixtures\.py", done.stdout, re.MULTILINE)
    assert sorted(names) == ["bench", "new_bench", "other_bench", "own_broker"]


def test_no_setting_of_ours_is_forced_on_a_teams_tests(tmp_path: Path) -> None:
    (tmp_path / "test_ours.py").write_text(
        "import pytest\n\n@pytest.mark.ours_alone\ndef test_it(pytestconfig):\n"
        "    assert not pytestconfig.getoption('numprocesses')\n"
    )
    done = run(tmp_path, "-p", "workqueue_spec.plugin", "test_ours.py")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("processes", ["0", "1"])
@pytest.mark.parametrize(
    ("second", "says"),
    [
        (
            "T01",
            "Two tests have the clause T01: test_ours::test_T01 and test_others::test_T01; give one another",
        ),
        ("B01", "test_B01 cannot judge a clause B01: the letters B, P, W, S belong to the specification"),
    ],
)
def test_a_number_that_is_taken_is_refused(tmp_path: Path, second: str, says: str, processes: str) -> None:
    for name, id_ in (("test_ours.py", "T01"), ("test_others.py", second)):
        (tmp_path / name).write_text(
            "from workqueue_spec.specification import clause, core, must, worker\n\n"
            f"@clause('{id_}', 'x', core, must, owed_by=worker, source='x')\n"
            f"def test_{id_}():\n    'It holds.'\n"
        )
    files = ("test_ours.py", "test_others.py", "--numprocesses", processes)
    done = run(tmp_path, "-p", "workqueue_spec.plugin", *files)
    assert done.returncode not in (0, pytest.ExitCode.INTERNAL_ERROR), done.stdout
    assert says in done.stdout


@pytest.mark.parametrize(
    ("remedy", "early"),
    [("[T01]\nwhy = 1\n", True), ('[T09]\nwhy = "x"\nhow = "y"\n', False)],
    ids=["malformed", "names no clause of the file"],
)
def test_a_mistake_in_a_remedy_is_told(tmp_path: Path, remedy: str, early: bool) -> None:
    (tmp_path / "test_ours.py").write_text(
        "from workqueue_spec.specification import clause, core, must, worker\n\n"
        "@clause('T01', 'x', core, must, owed_by=worker, source='x')\n"
        "def test_T01():\n    'It holds.'\n"
    )
    (tmp_path / "remedies").mkdir()
    (tmp_path / "remedies" / "ours.toml").write_text(remedy)

    # With a program, it is told before the broker is opened, which would be an error here.
    done = run(
        tmp_path, "-p", "workqueue_spec.plugin", "test_ours.py", *(["--worker", "true"] if early else [])
    )

    assert done.returncode in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERRUPTED), done.stdout
    says = "T01.why must be a text" if early else "names T09, and test_ours.py has no such clause"
    assert f"{tmp_path}/remedies/ours.toml: {says}." in done.stderr + done.stdout
