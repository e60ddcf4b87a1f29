"""The house: which room stands on which."""

import ast
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workqueue_spec.subject import ROOT

PACKAGE = ROOT / "workqueue_spec"


def imported(file: Path) -> Iterator[str]:
    """The modules that a file of ours imports, by their whole names."""
    package = file.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join([*start, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{each.name}" for each in node.names)


def rooms_used(*files: Path) -> set[str]:
    """The rooms of the workbench that these files import from: a package, or a module that stands alone."""
    names = {tuple(name.split(".")) for file in files for name in imported(file)}
    rooms = {parts[1] for parts in names if parts[0] == PACKAGE.name and len(parts) > 1}
    return {room for room in rooms if (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").is_file()}


def files_of(room: str) -> list[Path]:
    return sorted((PACKAGE / room).glob("*.py")) or [PACKAGE / f"{room}.py"]


ROOMS = sorted(
    {each.stem for each in PACKAGE.iterdir() if each.suffix == ".py" or (each / "__init__.py").is_file()}
    - {"__init__"}
)


def test_no_room_stands_on_one_that_stands_on_it() -> None:
    graph = {room: rooms_used(*files_of(room)) - {room} for room in ROOMS}
    assert graph["bench"] >= {"broker", "history", "verdicts"}
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize(
    ("room", "others"),
    [
        ("wiretap", set()),
        ("broker", {"errors", "patience", "run"}),
        ("verdicts", {"control", "history", "ledger", "tasks", "wiretap"}),
        ("entry", {"errors"}),
    ],
)
def test_a_room_knows_no_more_than_it_must(room: str, others: set[str]) -> None:
    assert rooms_used(*files_of(room)) - {room} <= others


def test_verdicts_know_nothing_of_sockets_processes_and_pytest() -> None:
    known = {name.split(".")[0] for file in files_of("verdicts") for name in imported(file)}
    assert known.isdisjoint({"asyncio", "os", "pytest", "socket", "subprocess", "threading", "time"})


@pytest.mark.parametrize("programs", ["reference", "implementations", "mutants"])
def test_a_program_under_test_is_imported_by_nobody_that_judges_it(programs: str) -> None:
    judges = [*PACKAGE.rglob("*.py"), *(ROOT / "spec_tests").glob("*.py")]
    assert [file for file in judges if programs in {name.split(".")[0] for name in imported(file)}] == []


def test_the_reference_needs_pika_alone() -> None:
    files = (ROOT / "reference").glob("*.py")
    known = {name.split(".")[0] for file in files for name in imported(file)}
    assert known - sys.stdlib_module_names == {"pika", "reference"}
