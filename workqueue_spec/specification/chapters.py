"""The chapters of the specification, read from the test modules that judge their clauses."""

import functools
import importlib
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

from .. import importable
from .clauses import Clause, clause_of

CHAPTERS = (
    "declaration",
    "dispatch",
    "settlement",
    "publishing",
    "durability",
    "limits",
    "model",
    "producer",
    "producer_trouble",
    "producer_alarm",
    "producer_service",
    "worker",
    "worker_failures",
    "worker_lifecycle",
    "worker_recovery",
    "chaos",
    "cluster",
)
"""The chapters in reading order: the modules of spec_tests, without `test_`."""

RETIRED: dict[str, str] = {}
"""The ids of clauses that turned out to be wrong, each with the reason that was measured."""


@dataclass(frozen=True)
class Chapter:
    """A chapter's title, its introduction, and its clauses."""

    title: str
    introduction: str
    clauses: tuple[Clause, ...]


def chapters() -> Iterator[Chapter]:
    """The chapters in reading order."""
    for name in CHAPTERS:
        module = importlib.import_module(importable(f"spec_tests.test_{name}"))
        title, _, introduction = inspect.cleandoc(module.__doc__ or "").partition("\n\n")
        yield Chapter(" ".join(title.split()).rstrip("."), introduction.strip(), tuple(clauses_of(module)))


@functools.cache
def all_clauses() -> tuple[Clause, ...]:
    """The clauses of all chapters, in reading order."""
    return tuple(clause for chapter in chapters() for clause in chapter.clauses)


@functools.cache
def _by_id() -> Mapping[str, Clause]:
    return {clause.id: clause for clause in all_clauses()}


def clause_by_id(id_: str) -> Clause:
    """The clause with this id. Raises KeyError if there is none."""
    return _by_id()[id_]


@functools.cache
def clauses_by_test() -> Mapping[str, Clause]:
    """Each clause by the test that judges it, as `module::function`."""
    return {clause.test: clause for clause in all_clauses()}


def clauses_of(module: ModuleType) -> Iterator[Clause]:
    """The clauses that the tests of a module judge."""
    for test in vars(module).values():
        found = clause_of(test)
        if found is not None and found.test.startswith(f"{module.__name__}::"):
            yield found
