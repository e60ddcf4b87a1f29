"""Whole runs over a program with a fixed address."""

import json
import os
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from workqueue_spec.broker.ports import free_ports
from workqueue_spec.programs.fixed_address.namespace import usable_kind
from workqueue_spec.programs.fixed_address.strategy import SHARED

from .whole_runs import LONG_ENOUGH, begin, run_folders, run_processes, wait_for_process

pytestmark = [pytest.mark.broker, pytest.mark.timeout(1200)]

PROGRAM = Path(__file__).parent / "fixed_address_program.py"
FIXED = 'pika.ConnectionParameters("localhost", 5672)\nSECONDS_PER_DOT = 1.0'
CONFIGURABLE = (
    'pika.URLParameters(os.environ["AMQP_URL"])\nSECONDS_PER_DOT = float(os.environ["TASK_SECONDS_PER_DOT"])'
)

KEPT_CLAUSES = ["P01", "P10", "W02", "W03", "W06"]
SOME_CLAUSES = [*KEPT_CLAUSES, "P02", "P12", "W12", "W14", "W15", "W19", "W24"]
STRATEGIES = {"namespaces": {}, "shared": {SHARED: "1"}}
"""The variables for a run, by the strategy by which connections of the program reach their taps."""


@pytest.fixture(params=STRATEGIES)
def variables(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """The variables for each strategy that this system supports."""
    if request.param == "namespaces" and usable_kind("localhost", 5672) is None:
        pytest.skip("no network namespaces here")
    return STRATEGIES[request.param]


@pytest.fixture
def port(variables: Mapping[str, str]) -> int:
    """The port that the program connects to: 5672 in a network namespace, where every port is free."""
    return free_ports(1)[0] if variables else 5672


def profile(folder: Path, port: int) -> Path:
    """Writes the profile of the program, which connects to this port."""
    folder.mkdir()
    program = PROGRAM.read_text(encoding="utf-8").replace("5672", str(port))
    return _profile(folder, program, f'seconds_per_dot = 1\nfixed_address = "localhost:{port}"\n')


def profile_of_twin(folder: Path) -> Path:
    """Writes the profile of its twin: the same program, but it reads address and seconds per dot from variables."""
    folder.mkdir()
    program = PROGRAM.read_text(encoding="utf-8")
    assert FIXED in program
    return _profile(
        folder, program.replace(FIXED, CONFIGURABLE).replace("import sys", "import os\nimport sys"), ""
    )


def _profile(folder: Path, program: str, differences: str) -> Path:
    (folder / "program.py").write_text(program, encoding="utf-8")
    file = folder / "profile.toml"
    commands = 'producer = ["python", "program.py", "produce"]\nworker = ["python", "program.py", "work"]\n'
    file.write_text(commands + differences, encoding="utf-8")
    return file


def outcomes(folder: Path, file: Path, clauses: Sequence[str], **variables: str) -> dict[str, str]:
    """The outcome of each of the clauses in a run."""
    report = file.parent / "report.json"
    run = begin(
        folder,
        *("-k", " or ".join(clauses), "--implementation", str(file), "--report-json", str(report)),
        **variables,
    )
    output, _ = run.communicate(timeout=5 * LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, output
    return {clause["id"]: clause["outcome"] for clause in json.loads(report.read_text())["clauses"]}


def test_it_is_judged_like_its_configurable_twin(
    folder: Path, variables: Mapping[str, str], port: int
) -> None:
    of_twin = outcomes(folder, profile_of_twin(folder / "twin"), SOME_CLAUSES)

    of_program = outcomes(folder, profile(folder / "program", port), SOME_CLAUSES, **variables)

    assert of_program == of_twin
    assert "not judged" not in of_program.values()
    assert {of_program[id_] for id_ in KEPT_CLAUSES} == {"passed"}


def test_runs_at_the_same_time_do_not_disturb_each_other(
    folder: Path, variables: Mapping[str, str], port: int
) -> None:
    chosen = ("-k", "P01 or W06", "--implementation", str(profile(folder / "program", port)))
    runs = [begin(folder, *chosen, **variables) for _ in range(2)]
    for run in runs:
        output, _ = run.communicate(timeout=2 * LONG_ENOUGH)
        assert run.returncode == 0, output
    assert not run_processes(folder)
    assert not run_folders(folder)


def test_a_port_in_use_is_reported_and_left_alone(folder: Path) -> None:
    port = free_ports(1)[0]
    file = profile(folder / "program", port)
    with socket.create_server(("127.0.0.1", port)) as other:
        run = begin(folder, "--implementation", str(file), **STRATEGIES["shared"])
        output, _ = run.communicate(timeout=LONG_ENOUGH)
        assert run.returncode == pytest.ExitCode.USAGE_ERROR, output
        other.settimeout(0)
        with pytest.raises(BlockingIOError):
            other.accept()

    assert f"(process {os.getpid()}); stop that" in output
    assert "Traceback" not in output
    assert not run_folders(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_ended_run_leaves_nothing(
    folder: Path, variables: Mapping[str, str], port: int, number: signal.Signals
) -> None:
    chosen = ("-k", "W06", "--implementation", str(profile(folder / "program", port)))
    ended = begin(folder, *chosen, "--numprocesses", "0", **variables)
    wait_for_process(ended, folder, "program.py work")
    os.killpg(ended.pid, number)
    ended.communicate(timeout=LONG_ENOUGH)

    # The next run clears what a killed run has started.
    following = begin(folder, *chosen, "--numprocesses", "0", **variables)
    output, _ = following.communicate(timeout=LONG_ENOUGH)
    assert following.returncode == 0, output
    assert not run_processes(folder)
