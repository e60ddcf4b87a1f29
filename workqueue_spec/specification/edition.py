"""Editions: frozen sets of clauses. `--spec 1.0` judges by the clauses of edition 1.0 alone.

An edition is a file in `editions/`, with a line for each clause: its slug, class, level and role, and the hash of
its wording. `python -m workqueue_spec.specification --edition NAME` writes the file from the clauses of today.
While an edition is a draft, its file is written again whenever a clause changes. The file of a final edition never
changes.
"""

import functools
import hashlib
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from ..errors import SetupError
from .clauses import Class, Clause, Level, Role

FOLDER = Path(__file__).with_name("editions")

REWORDED: dict[str, str] = {}
"""The ids of clauses that were reworded after a final edition, each with what changed.

Nobody who asks for that edition is judged by them any more. So a test fails if a sentence changes and is not named
here: a typing error that is corrected would otherwise remove a clause from an edition unnoticed.
"""

_NAME = re.compile(r"\d+\.\d+")
_DIGITS = 16
"""Hexadecimal digits of a wording's hash. Two sentences of one clause have the same hash by chance once in 2^64."""


_FOR_GOOD = "A number stays with its clause for good"


class Change(StrEnum):
    """How a clause of today differs from an edition, so that the edition cannot judge by it."""

    NEW = "new"
    """The edition has no such clause."""
    REWORDED = "reworded"
    """The edition has the clause with another sentence."""

    def since(self, name: str) -> str:
        """The change in words, for the edition of this name."""
        return f"not in edition {name}" if self is Change.NEW else f"reworded since edition {name}"


@dataclass(frozen=True)
class Entry:
    """A clause as an edition has it."""

    slug: str
    class_: Class
    level: Level
    role: Role
    wording: str
    """The hash of its normative sentence: see `wording`."""

    @classmethod
    def of(cls, clause: Clause) -> "Entry":
        """The entry of a clause of today."""
        return cls(clause.slug, clause.class_, clause.level, clause.role, wording(clause.statement))


@dataclass(frozen=True)
class Edition:
    """A frozen set of clauses."""

    name: str
    """Two numbers with a point between them."""
    draft: bool
    """Whether its clauses may still change."""
    clauses: Mapping[str, Entry]
    """Its clauses by their ids."""

    @property
    def title(self) -> str:
        """The name as it is shown: "1.0", or "1.0 draft"."""
        return f"{self.name} draft" if self.draft else self.name

    def change(self, clause: Clause) -> Change | None:
        """Why this edition does not judge by the clause; None if it does."""
        entry = self.clauses.get(clause.id)
        if entry is None:
            return Change.NEW
        return None if entry.wording == wording(clause.statement) else Change.REWORDED

    def as_it_was(self, clause: Clause) -> Clause:
        """The clause with the class and the level that this edition gives it. A clause by which this edition does
        not judge is unchanged.
        """
        if self.change(clause) is not None:
            return clause
        entry = self.clauses[clause.id]
        return replace(clause, class_=entry.class_, level=entry.level)

    def lapsed(self, today: Iterable[Clause]) -> Iterator[str]:
        """The ids of the edition's clauses by which nobody can be judged any more: reworded or retired ones."""
        judged = {clause.id for clause in today if self.change(clause) is None}
        return (id_ for id_ in self.clauses if id_ not in judged)

    def mistakes(
        self, today: Iterable[Clause], *, retired: Collection[str], reworded: Collection[str]
    ) -> Iterator[str]:
        """A sentence for each clause that does not stand as the edition has it: its number now belongs to another
        clause or to none, or it was reworded and is not in `reworded`.
        """
        by_id = {clause.id: clause for clause in today}
        for id_, entry in self.clauses.items():
            clause = by_id.get(id_)
            if clause is None:
                if id_ not in retired:
                    yield (
                        f"{id_} is a clause of edition {self.name}, and is gone. {_FOR_GOOD}: restore it, or add "
                        "it to RETIRED with the reason."
                    )
            elif (clause.slug, clause.role) != (entry.slug, entry.role):
                yield (
                    f"{id_} is {entry.slug} ({entry.role}) in edition {self.name}, and {clause.slug} "
                    f"({clause.role}) today. {_FOR_GOOD}: give the new clause a new number."
                )
            elif self.change(clause) is Change.REWORDED and id_ not in reworded:
                yield (
                    f"{id_} was reworded after edition {self.name}, so nobody who asks for {self.name} is judged "
                    "by it any more. Restore its sentence; or, if this is meant, add it to REWORDED with what "
                    "changed."
                )


def wording(statement: str) -> str:
    """The hash of a normative sentence: the first 16 hexadecimal digits of the SHA-256 of its UTF-8, in which each
    run of white space is one space.
    """
    return hashlib.sha256(" ".join(statement.split()).encode()).hexdigest()[:_DIGITS]


def text(name: str, clauses: Iterable[Clause], *, draft: bool) -> str:
    """The text of an edition's file, made from the clauses of today."""
    lines = [
        f"# Written by `python -m workqueue_spec.specification --edition {name}`. Do not edit it here.",
        "",
        f'edition = "{name}"',
        f"draft = {str(draft).lower()}",
        "",
        "[clauses]",
        *(_line(clause) for clause in clauses),
    ]
    return "\n".join(lines) + "\n"


def _line(clause: Clause) -> str:
    facts = {
        "slug": clause.slug,
        "class": clause.class_,
        "level": clause.level,
        "role": clause.role,
        "wording": wording(clause.statement),
    }
    shown = ", ".join(f'{key} = "{value}"' for key, value in facts.items())
    return f"{clause.id} = {{ {shown} }}"


def names() -> list[str]:
    """The names of all editions, the oldest first."""
    found = (file.stem for file in FOLDER.glob("*.toml") if _NAME.fullmatch(file.stem))
    return sorted(found, key=lambda name: tuple(map(int, name.split("."))))


@functools.cache
def read(name: str) -> Edition:
    """The edition of this name. Raises SetupError if there is none."""
    known = names()
    if name not in known:
        raise SetupError(f"There is no edition {name!r} of the specification; known: {', '.join(known)}.")
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    entries = {
        id_: Entry(
            slug=each["slug"],
            class_=Class(each["class"]),
            level=Level(each["level"]),
            role=Role(each["role"]),
            wording=each["wording"],
        )
        for id_, each in data["clauses"].items()
    }
    return Edition(data["edition"], data["draft"], entries)


def write(name: str, clauses: Iterable[Clause], *, draft: bool) -> Path:
    """Writes the file of an edition from the clauses of today, and returns it.

    Raises SetupError if the name is none, or if the edition is final.
    """
    if not _NAME.fullmatch(name):
        raise SetupError(f"{name!r} is no name of an edition; give two numbers, such as 1.0.")
    if name in names() and not read(name).draft:
        raise SetupError(f"Edition {name} is final, and its file never changes; make a new edition.")
    file = FOLDER / f"{name}.toml"
    file.write_text(text(name, clauses, draft=draft), encoding="utf-8")
    read.cache_clear()
    return file
