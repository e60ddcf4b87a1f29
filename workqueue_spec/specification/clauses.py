"""The register of clauses: what a work queue promises, and who owes each promise."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from .. import importable

LETTERS = "BPWS"
"""The letters of the specification's own clauses, in its order: broker, producer, worker, system."""

_ID = re.compile(r"[A-Z][0-9]{1,4}")


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
    for_services: bool = False
    """Whether it is asked only of a producer that is a long-lived service."""
    for_both: bool = False
    """Whether it is asked only if there is a producer and a worker, because it is about what they agree on."""
    for_clusters: bool = False
    """Whether it is asked only if the broker is a cluster that the run starts."""
    asked_by: str = ""
    """The option of the run that asks for it, as pytest names it; empty if it is always asked."""

    @property
    def own(self) -> bool:
        """Whether it is a team's own clause, and not one of the specification's."""
        return is_own(self.id)


def is_own(id_: str) -> bool:
    """Whether this is the id of a team's own clause: a capital letter that the specification does not use, and a
    number.
    """
    return _ID.fullmatch(id_) is not None and id_[0] not in LETTERS


def order(id_: str) -> tuple[int, str, int]:
    """The key by which ids are sorted: the specification's clauses first, in its order, and then a team's own."""
    place = LETTERS.find(id_[0])
    return len(LETTERS) if place < 0 else place, id_[0], int(id_[1:])


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
    for_services: bool = False,
    for_both: bool = False,
    for_clusters: bool = False,
    asked_by: str = "",
) -> Callable[[Test], Test]:
    """Marks a test as the one that judges a clause.

    The first paragraph of the test's docstring states the clause. The rest says how it is tested. The letters B, P,
    W and S belong to the specification's clauses; a team's own clause has another capital letter.

    Raises ValueError if the id is not a capital letter and a number, if a team's own clause has one of the
    specification's letters, or if the test has no docstring.
    """

    def register(test: Test) -> Test:
        _check_id(id, test)
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
            for_services=for_services,
            for_both=for_both,
            for_clusters=for_clusters,
            asked_by=asked_by,
            test=f"{test.__module__}::{test.__name__}",
        )
        return test

    return register


def _check_id(id_: str, test: Callable[..., Any]) -> None:
    if not _ID.fullmatch(id_):
        raise ValueError(
            f"{test.__name__}: {id_!r} is no id of a clause; give a capital letter and a number, as T01"
        )
    of_the_specification = test.__module__.startswith(f"{importable('spec_tests')}.")
    if is_own(id_) == of_the_specification:
        rule = (
            f"the specification's own clauses have one of the letters {', '.join(LETTERS)}"
            if of_the_specification
            else f"the letters {', '.join(LETTERS)} belong to the specification; give yours another one, as T01"
        )
        raise ValueError(f"{test.__name__} cannot judge a clause {id_}: {rule}")


def clause_of(test: object) -> Clause | None:
    """The clause that a test function judges, or None if it judges none."""
    found = getattr(test, "clause", None)
    return found if isinstance(found, Clause) else None
