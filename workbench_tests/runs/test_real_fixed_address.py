"""Whole runs over a program that connects to one address, whatever it is told."""

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
from workqueue_spec.specification.chapters import chapters
from workqueue_spec.specification.clauses import Role

from .whole_runs import LONG_ENOUGH, begin, folders, marked, when

pytestmark = [pytest.mark.broker, pytest.mark.timeout(1200)]

STUBBORN = Path(__file__).parent / "stubborn.py"
FIXED = 'pika.ConnectionParameters("localhost", 5672)\nSECONDS_PER_DOT = 1.0'
TOLD = (
    'pika.URLParameters(os.environ["AMQP_URL"])\nSECONDS_PER_DOT = float(os.environ["TASK_SECONDS_PER_DOT"])'
)

KEPT = ["P01", "P10", "W02", "W03", "W06"]
SOME = [*KEPT, "P02", "P12", "W12", "W14", "W19", "W24"]
EVERY = [
    clause.id
    for chapter in chapters()
    for clause in chapter.clauses
    if clause.role is not Role.BROKER and clause.id != "P16"
]
"""Of the password in a URL, which P16 is about, it is told nothing."""

WAYS = {"namespaces": {}, "shared": {SHARED: "1"}}
"""Variables for a run, by how the program comes to its taps."""


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """Both ways, where they can be gone."""
    if request.param == "namespaces" and usable_kind("localhost", 5672) is None:
        pytest.skip("no network namespaces here")
    return WAYS[request.param]


@pytest.fixture
def port(way: Mapping[str, str]) -> int:
    """Where the program connects to: in a namespace of its own anything is free."""
    return free_ports(1)[0] if way else 5672


def profile(folder: Path, port: int) -> Path:
    """The profile of the stubborn program, with the port that it connects to."""
    folder.mkdir()
    program = STUBBORN.read_text(encoding="utf-8").replace("5672", str(port))
    return _profile(folder, program, f'seconds_per_dot = 1\nfixed_address = "localhost:{port}"\n')


def profile_of_twin(folder: Path) -> Path:
    """The profile of its twin, which differs in where it connects to and how long it works."""
    folder.mkdir()
    program = STUBBORN.read_text(encoding="utf-8")
    assert FIXED in program
    return _profile(folder, program.replace(FIXED, TOLD).replace("import sys", "import os\nimport sys"), "")


def _profile(folder: Path, program: str, differs: str) -> Path:
    (folder / "program.py").write_text(program, encoding="utf-8")
    file = folder / "profile.toml"
    commands = 'producer = ["python", "program.py", "produce"]\nworker = ["python", "program.py", "work"]\n'
    file.write_text(commands + differs, encoding="utf-8")
    return file


def outcomes(place: Path, file: Path, clauses: Sequence[str], **variables: str) -> dict[str, str]:
    """What a run says of each of the clauses."""
    report = file.parent / "report.json"
    run = begin(
        place,
        *("-k", " or ".join(clauses), "--implementation", str(file), "--report-json", str(report)),
        **variables,
    )
    output, _ = run.communicate(timeout=5 * LONG_ENOUGH)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, output
    return {clause["id"]: clause["outcome"] for clause in json.loads(report.read_text())["clauses"]}


def test_it_is_judged_as_its_twin_that_does_as_told(place: Path, way: Mapping[str, str], port: int) -> None:
    clauses = SOME if way else EVERY  # at the machine's own port one test follows the other
    of_twin = outcomes(place, profile_of_twin(place / "twin"), clauses)

    said = outcomes(place, profile(place / "stubborn", port), clauses, **way)

    assert said == of_twin
    assert "not judged" not in [said[id_] for id_ in SOME]
    assert {said[id_] for id_ in KEPT} == {"passed"}


def test_runs_at_the_same_time_do_not_mind_each_other(place: Path, way: Mapping[str, str], port: int) -> None:
    chosen = ("-k", "P01 or W06", "--implementation", str(profile(place / "stubborn", port)))
    runs = [begin(place, *chosen, **way) for _ in range(2)]
    for run in runs:
        output, _ = run.communicate(timeout=2 * LONG_ENOUGH)
        assert run.returncode == 0, output
    assert not marked(place)
    assert not folders(place)


def test_a_port_that_somebody_else_has_is_said_and_left_alone(place: Path) -> None:
    port = free_ports(1)[0]
    file = profile(place / "stubborn", port)
    with socket.create_server(("127.0.0.1", port)) as other:
        run = begin(place, "--implementation", str(file), **WAYS["shared"])
        output, _ = run.communicate(timeout=LONG_ENOUGH)
        assert run.returncode == pytest.ExitCode.USAGE_ERROR, output
        other.settimeout(0)
        with pytest.raises(BlockingIOError):
            other.accept()

    assert f"(process {os.getpid()}); stop that" in output
    assert "Traceback" not in output
    assert not folders(place)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_ended_run_leaves_nothing(
    place: Path, way: Mapping[str, str], port: int, number: signal.Signals
) -> None:
    chosen = ("-k", "W06", "--implementation", str(profile(place / "stubborn", port)))
    ended = begin(place, *chosen, "--numprocesses", "0", **way)
    when(ended, place, "program.py work")
    os.killpg(ended.pid, number)
    ended.communicate(timeout=LONG_ENOUGH)

    # What a killed run has started is cleared by the next one.
    following = begin(place, *chosen, "--numprocesses", "0", **way)
    output, _ = following.communicate(timeout=LONG_ENOUGH)
    assert following.returncode == 0, output
    assert not marked(place)
