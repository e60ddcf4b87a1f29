"""The register of clauses: what a work queue promises, and who owes it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar


class Class(StrEnum):
    """Whose promise a clause is."""

    CORE = "core"
    """The tutorial's own."""
    PRODUCTION = "production"
    """What a team that runs a work queue for real needs on top."""


class Level(StrEnum):
    """How binding a clause is, in the words of RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Role(StrEnum):
    """Who owes what a clause promises."""

    BROKER = "broker"
    PRODUCER = "producer"
    WORKER = "worker"
    SYSTEM = "system"


core, production = Class.CORE, Class.PRODUCTION
must, should, may = Level.MUST, Level.SHOULD, Level.MAY
broker, producer, worker, system = Role.BROKER, Role.PRODUCER, Role.WORKER, Role.SYSTEM


@dataclass(frozen=True)
class Clause:
    """One promise."""

    id: str
    """Letter and number; it stays with the clause for good."""
    slug: str
    class_: Class
    level: Level
    role: Role
    statement: str
    """The normative sentence: the first paragraph of the test's docstring."""
    seen: str
    """How it is seen from outside: the rest of the docstring."""
    source: str
    presumes: tuple[str, ...]
    """The broker's clauses without which this one cannot be judged."""
    test: str
    """The test that judges it, as `module::function`."""


Test = TypeVar("Test", bound=Callable[..., Any])


def clause(
    id: str,  # noqa: A002 - it is the clause's id, and the catalogue's word
    slug: str,
    class_: Class,
    level: Level,
    *,
    owed_by: Role,
    source: str,
    presumes: tuple[str, ...] = (),
) -> Callable[[Test], Test]:
    """Makes a test the judge of a clause. Its docstring states the clause, then how it is seen."""

    def register(test: Test) -> Test:
        statement, _, seen = inspect.cleandoc(test.__doc__ or "").partition("\n\n")
        if not statement:
            raise ValueError(f"{test.__name__} judges {id} and has no docstring that states it")
        test.clause = Clause(  # type: ignore[attr-defined]
            id=id,
            slug=slug,
            class_=class_,
            level=level,
            role=owed_by,
            statement=" ".join(statement.split()),
            seen=" ".join(seen.split()),
            source=source,
            presumes=presumes,
            test=f"{test.__module__}::{test.__name__}",
        )
        return test

    return register


def clause_of(test: object) -> Clause | None:
    """The clause that a test function judges, if it judges one."""
    found = getattr(test, "clause", None)
    return found if isinstance(found, Clause) else None
