"""The mutants of `mutants/`, and what each says of itself in its docstring."""

import ast
import re
import shlex
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ... import ROOT
from ...specification.chapters import chapters
from ...specification.clauses import Clause, Role

HOME = ROOT / "mutants"

_ROOMS = {"producers": Role.PRODUCER, "workers": Role.WORKER, "brokers": Role.BROKER}
_EQUIVALENTS = "equivalents"
_BY_CHANCE = re.compile(r"^May break (.+?), by chance\.$", re.MULTILINE | re.DOTALL)
_BREAKS = re.compile(r"^Breaks (.+?)\.$", re.MULTILINE | re.DOTALL)
_BROKEN = re.compile(r"([A-Z]\d\d)(?:\s+\((classic|quorum)\))?")


@dataclass(frozen=True)
class Mutant:
    """A program or a lie, and the clauses that it breaks."""

    name: str
    role: Role
    says: str
    """What it does wrong; of an equivalent, what it does otherwise."""
    expected: tuple[str, ...]
    """The clauses that it breaks on queues of the type that it is to be run with."""
    by_chance: tuple[str, ...]
    """Those that it breaks only if a fault strikes at the right moment: chaos (S02) makes its faults by chance."""
    file: Path
    equivalent: bool
    only: frozenset[str] | None = None
    """The clauses that it is to be judged by; None: all that its subject owes."""

    def judged_by(self, ids: Collection[str]) -> "Mutant":
        """The same, judged by these clauses alone."""
        return replace(self, only=frozenset(ids))

    @property
    def folder(self) -> str:
        """The folder of `mutants/` that it lies in."""
        return self.file.parent.name

    @property
    def options(self) -> list[str]:
        """What makes the suite judge it."""
        if self.role is Role.BROKER:
            return ["--lie", str(self.file)]
        module = ".".join(self.file.relative_to(ROOT).with_suffix("").parts)
        return [f"--{self.role}", shlex.join([sys.executable, "-m", module])]

    def clauses(self) -> list[Clause]:
        """Those that it can be judged by: what its subject owes, and for a program the whole system. One that
        is judged by some of them alone is judged by those that they presume, too.
        """
        owed_by = {self.role} | ({Role.SYSTEM} if self.role is not Role.BROKER else set())
        owed = {
            clause.id: clause
            for chapter in chapters()
            for clause in chapter.clauses
            if clause.role in owed_by
        }
        asked = list(owed if self.only is None else owed.keys() & self.only)
        for id_ in asked:
            asked.extend((owed.keys() & owed[id_].presumes) - set(asked))
        return [clause for clause in owed.values() if clause.id in asked]


def mutants(queue_type: str) -> Iterator[Mutant]:
    """All of them, with what they break on queues of this type. Raises ValueError where one does not say."""
    for folder, role in _ROOMS.items():
        for file in _programs(HOME / folder):
            yield _read(file, role, queue_type, equivalent=False)
    for file in _programs(HOME / _EQUIVALENTS):
        yield _read(file, Role(file.stem.rpartition("_")[2]), queue_type, equivalent=True)


def _programs(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.py") if not file.name.startswith("_"))


def _read(file: Path, role: Role, queue_type: str, *, equivalent: bool) -> Mutant:
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    breaks = _BREAKS.search(docstring)
    if breaks is None:
        raise ValueError(f"{file} does not say what it breaks: its docstring has no line 'Breaks W01, W02.'")
    by_chance = _BY_CHANCE.search(docstring)
    expected, possible = (
        tuple(id_ for id_, only in _BROKEN.findall(said[1] if said else "") if only in ("", queue_type))
        for said in (breaks, by_chance)
    )
    says = " ".join(docstring.partition("\n\n")[0].split())
    return Mutant(
        file.stem,
        role,
        says,
        expected=expected,
        by_chance=possible,
        file=file,
        equivalent=equivalent,
    )
