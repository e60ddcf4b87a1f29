"""The structure of the code: which room imports from which, and some limits."""

import ast
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workqueue_spec import ROOT

PACKAGE = ROOT / "workqueue_spec"

ROOMS = (
    "specification",
    "wiretap",
    "broker",
    "judgement",
    "report",
    "programs",
    "bench",
    "plugin",
    "commands",
)
"""From the lowest up: a room imports only from the rooms before it."""

ON_THE_GROUND = {"errors", "timeouts"}
"""Modules at the package's root, which every room may import."""

MOST_POSITIONAL = 5


def module(file: Path) -> str:
    """The name by which a file of this repository is imported."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(file): file for file in sorted(PACKAGE.rglob("*.py"))}
JUDGES = [*MODULES.values(), *sorted((ROOT / "spec_tests").glob("*.py"))]


def imported(file: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, including those for type checking."""
    package = file.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{each.name}" for each in node.names)


def used(file: Path) -> set[str]:
    """The modules of the workbench that a file imports; a package only if none of its modules is imported."""
    names = {name for name in imported(file) if name in MODULES}
    return {name for name in names if not any(other.startswith(f"{name}.") for other in names)}


def room(name: str) -> str:
    """The room of a module, or the module itself if it lies at the package's root."""
    return [*name.split("."), ""][1]


def standard_or_ours(file: Path) -> set[str]:
    """The packages that a file imports, except Python's own and the workbench."""
    return {name.split(".")[0] for name in imported(file)} - sys.stdlib_module_names - {PACKAGE.name, ""}


def test_the_package_has_these_rooms_and_little_beside_them() -> None:
    found = {each.name for each in PACKAGE.iterdir() if each.name != "__pycache__"}
    modules = {f"{name}.py" for name in ON_THE_GROUND}
    assert found == {*ROOMS, *modules, "__init__.py", "__main__.py", "py.typed"}


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_is_told_in_one_sentence(name: str) -> None:
    docstring = (
        ast.get_docstring(ast.parse((PACKAGE / name / "__init__.py").read_text(encoding="utf-8"))) or ""
    )
    first = docstring.partition("\n\n")[0]
    assert first.endswith(".")
    assert first.count(". ") == 0


@pytest.mark.parametrize("name", ROOMS)
def test_architecture_tells_of_the_room(name: str) -> None:
    assert f"| `{name}/` |" in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ROOMS)
def test_no_import_runs_upwards(name: str) -> None:
    below = {*ROOMS[: ROOMS.index(name) + 1], *ON_THE_GROUND, ""}
    above = {
        f"{importer} imports {each}"
        for importer, file in MODULES.items()
        if room(importer) == name
        for each in used(file)
        if room(each) not in below
    }
    assert above == set()


def test_the_ground_stands_on_nothing() -> None:
    assert [name for name in ON_THE_GROUND if used(MODULES[f"{PACKAGE.name}.{name}"])] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name: used(file) - {name} for name, file in MODULES.items()}
    assert len(graph) > len(ROOMS)
    graphlib.TopologicalSorter(graph).prepare()


def test_the_wiretap_knows_nothing_of_ours() -> None:
    assert {
        room(each) for name, file in MODULES.items() if room(name) == "wiretap" for each in used(file)
    } == {"wiretap"}


def test_verdicts_are_pure() -> None:
    files = [file for name, file in MODULES.items() if ".judgement.verdicts" in name]
    known = {name.split(".")[0] for file in files for name in imported(file)}
    assert files
    assert known.isdisjoint({"asyncio", "os", "pika", "pytest", "socket", "subprocess", "threading", "time"})


@pytest.mark.parametrize(
    "name",
    [
        *("commands.entry", "commands.parsers", "commands.spelling"),
        *("programs.environment", "programs.reading", "programs.run_options"),
        *("programs.signals", "programs.variables"),
    ],
)
def test_what_makes_the_environment_needs_none(name: str) -> None:
    assert standard_or_ours(MODULES[f"{PACKAGE.name}.{name}"]) == set()


@pytest.mark.parametrize("programs", ["reference", "implementations", "mutants"])
def test_a_program_under_test_is_imported_by_nobody_that_judges_it(programs: str) -> None:
    assert [file for file in JUDGES if programs in {name.split(".")[0] for name in imported(file)}] == []


def test_the_reference_needs_pika_alone() -> None:
    files = (ROOT / "reference").glob("*.py")
    known = {name.split(".")[0] for file in files for name in imported(file)}
    assert known - sys.stdlib_module_names == {"pika", "reference"}


def test_no_call_has_more_than_five_positional_arguments() -> None:
    long = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in JUDGES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and len(node.args) > MOST_POSITIONAL
        # A list of constants may have any length: names of frames, texts.
        and not all(isinstance(each, ast.Constant | ast.Starred) for each in node.args)
    ]
    assert long == []
