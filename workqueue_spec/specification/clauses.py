"""The register of clauses: what a work queue promises, and who owes each promise."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar


class Class(StrEnum):
    """The set to which a clause belongs."""

    CORE = "core"
    """Promised by the tutorial."""
    PRODUCTION = "production"
    """Needed in addition by a team that runs a work queue in production."""


class Level(StrEnum):
    """How binding a clause is, in the words of RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Role(StrEnum):
    """Who owes a clause."""

    BROKER = "broker"
    PRODUCER = "producer"
    WORKER = "worker"
    SYSTEM = "system"


core, production = Class.CORE, Class.PRODUCTION
must, should, may = Level.MUST, Level.SHOULD, Level.MAY
broker, producer, worker, system = Role.BROKER, Role.PRODUCER, Role.WORKER, Role.SYSTEM


@dataclass(frozen=True)
class Clause:
    """One promise of a work queue."""

    id: str
    """A letter and a number. A clause keeps its id for good."""
    slug: str
    """A short name, unique among the clauses of one role."""
    class_: Class
    level: Level
    role: Role
    statement: str
    """The normative sentence: the first paragraph of the test's docstring."""
    procedure: str
    """How the test judges the clause from outside: the rest of the docstring."""
    source: str
    """The document from which the clause comes."""
    presumes: tuple[str, ...]
    """The ids of the broker's clauses without which this one cannot be judged."""
    test: str
    """The test that judges the clause, as `module::function`."""


Test = TypeVar("Test", bound=Callable[..., Any])


def clause(
    id: str,  # noqa: A002 - the specification has this word
    slug: str,
    class_: Class,
    level: Level,
    *,
    owed_by: Role,
    source: str,
    presumes: tuple[str, ...] = (),
) -> Callable[[Test], Test]:
    """Marks a test as the one that judges a clause.

    The first paragraph of the test's docstring states the clause. The rest says how it is tested. Raises
    ValueError if the test has no docstring.
    """

    def register(test: Test) -> Test:
        statement, _, procedure = inspect.cleandoc(test.__doc__ or "").partition("\n\n")
        if not statement:
            raise ValueError(f"{test.__name__} judges {id}, but has no docstring that states the clause")
        test.clause = Clause(  # type: ignore[attr-defined]
            id=id,
            slug=slug,
            class_=class_,
            level=level,
            role=owed_by,
            statement=" ".join(statement.split()),
            procedure=" ".join(procedure.split()),
            source=source,
            presumes=presumes,
            test=f"{test.__module__}::{test.__name__}",
        )
        return test

    return register


def clause_of(test: object) -> Clause | None:
    """The clause that a test function judges, or None if it judges none."""
    found = getattr(test, "clause", None)
    return found if isinstance(found, Clause) else None
