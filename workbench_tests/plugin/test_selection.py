"""What is said of a selection that cannot be read, or that selects nothing."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workqueue_spec import ROOT
from workqueue_spec.errors import SetupError
from workqueue_spec.plugin import selection
from workqueue_spec.programs.subject import PROGRAMS, reference
from workqueue_spec.specification.clauses import Role


def check(
    *arguments: str,
    keyword: str = "",
    folder: Path = ROOT,
    roles: tuple[Role, ...] = PROGRAMS,
    broker: str = "auto",
    examples: int = 0,
) -> None:
    config: Any = SimpleNamespace(
        args=list(arguments),
        option=SimpleNamespace(keyword=keyword, broker=broker, part_of=None, model_examples=examples),
        known_args_namespace=SimpleNamespace(pyargs=False),
        invocation_params=SimpleNamespace(dir=folder),
    )
    selection.check_named(config)
    selection.check_keyword(config, replace(reference("classic"), roles=roles))


@pytest.mark.parametrize(
    "keyword",
    [
        "W06",
        "w06",
        "ack-after-work",
        "not B01",
        "W03 or (B02 and durable)",
        "test_worker",
        "own_broker",
        "B25 and apart",  # the id of an example
    ],
)
def test_what_selects_something_is_taken(keyword: str) -> None:
    check("spec_tests", keyword=keyword)


@pytest.mark.parametrize(
    ("keyword", "says"),
    [
        ("W03 and (", "cannot be read"),
        ("or", "cannot be read"),
        ("no_such_clause", "selects no clause"),
        ("W03 and B07", "selects no clause"),
    ],
)
def test_what_selects_nothing_is_refused(keyword: str, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        check("spec_tests", keyword=keyword)


def test_a_clause_of_a_program_that_is_not_here_is_refused() -> None:
    with pytest.raises(SetupError, match="-k 'P01' selects no clause that can be judged without a producer;"):
        check("spec_tests", keyword="P01", roles=(Role.WORKER,))
    with pytest.raises(SetupError, match="without a worker;"):
        check("spec_tests", keyword="W03 or S02", roles=(Role.PRODUCER,))
    for keyword in ("W03 or P01", "B01", "S02"):
        check("spec_tests", keyword=keyword, roles=(Role.WORKER,))


@pytest.mark.parametrize(
    "argument",
    [
        "spec_tests",
        "spec_tests/test_worker.py",
        str(ROOT / "spec_tests" / "test_declaration.py")
        + "::test_mismatched_properties_are_refused[durable]",
    ],
)
def test_what_is_there_is_taken(argument: str) -> None:
    check(argument)


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("W06", "W06 is no file; to select a clause: -k W06"),
        ("w06", "to select a clause: -k W06"),
        ("nosuchfile.py", "There is no file 'nosuchfile.py'"),
        ("spec_tests/test_worker.py::test_nothing", "There is no test 'test_nothing'"),
    ],
)
def test_what_is_not_there_is_refused(argument: str, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        check("spec_tests", argument)


def test_a_clause_for_services_is_not_selected_without_a_service() -> None:
    with pytest.raises(
        SetupError, match="selects only clauses of a producer that is a service; give its command by"
    ):
        check("spec_tests", keyword="P27")
    check("spec_tests", keyword="P27 or P26")


@pytest.mark.parametrize("broker", ["local", "amqp://one,amqp://two"])
def test_a_clause_for_clusters_is_not_selected_without_a_cluster(broker: str) -> None:
    with pytest.raises(SetupError, match="selects only clauses of a cluster; give --broker cluster"):
        check("spec_tests", keyword="S03", broker=broker)
    check("spec_tests", keyword="S03 or S02", broker=broker)


@pytest.mark.parametrize("broker", ["cluster", "cluster:local", "cluster:rabbitmq:4.0"])
def test_a_clause_for_clusters_is_selected_on_a_cluster(broker: str) -> None:
    check("spec_tests", keyword="S03", broker=broker)


def test_a_clause_that_an_option_asks_for_is_not_selected_without_it() -> None:
    with pytest.raises(
        SetupError, match="selects only clauses that --model-examples asks for; give that option"
    ):
        check("spec_tests", keyword="B49")
    check("spec_tests", keyword="B49", examples=20)
    check("spec_tests", keyword="B49 or B48")
