"""What became of the mutants, as data and as a table."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...specification.clauses import Clause, Level
from .mutant import Mutant


@dataclass(frozen=True)
class Judged:
    """A mutant, and the clauses that failed it."""

    mutant: Mutant
    killed_by: tuple[str, ...]
    not_judged: tuple[str, ...]
    seconds: float
    reasons: Mapping[str, str] = field(default_factory=dict)
    """What was said of each clause that did not pass."""
    error: str = ""
    """Why it could not be judged: the end of what the suite printed."""

    @property
    def missed(self) -> tuple[str, ...]:
        """The clauses that it breaks and that it was to be judged by, and that did not fail."""
        only = self.mutant.only
        asked = {id_ for id_ in self.mutant.expected if only is None or id_ in only}
        return tuple(sorted(asked - set(self.killed_by)))

    @property
    def unexpected(self) -> tuple[str, ...]:
        """The clauses that failed though it does not break them."""
        return tuple(sorted(set(self.killed_by) - set(self.mutant.expected) - set(self.mutant.by_chance)))

    @property
    def is_exact(self) -> bool:
        """Whether just those clauses failed that it breaks."""
        return not (self.error or self.missed or self.unexpected)

    def line(self) -> str:
        """One row of the table."""
        told = " ".join(self.killed_by) or "none"
        if self.error:
            told += "; not all could be judged"
        if self.missed:
            told += f"; missed {' '.join(self.missed)}"
        if self.unexpected:
            told += f"; unexpected {' '.join(self.unexpected)}"
        kind = "equivalent" if self.mutant.equivalent else self.mutant.role
        mark = "exact" if self.is_exact else "WRONG"
        return f"{mark:<6} {kind:<10} {self.mutant.name:<52} {self.seconds:6.1f} s  {told}"

    def why(self) -> Iterator[str]:
        """A line for each clause that is not as it should be."""
        for id_ in self.missed:
            yield f"{id_} missed: {self.reasons.get(id_, 'it passed')}"
        for id_ in self.unexpected:
            yield f"{id_} unexpected: {self.reasons.get(id_, '')}"

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        mutant = self.mutant
        return {
            "name": mutant.name,
            "subject": str(mutant.role),
            "says": mutant.says,
            "expected": sorted(mutant.expected),
            "by_chance": sorted(mutant.by_chance),
            "killed_by": sorted(self.killed_by),
            "not_judged": sorted(self.not_judged),
            "seconds": round(self.seconds, 1),
        }


def clauses_without_mutant(clauses: Sequence[Clause], judged: Sequence[Judged]) -> list[Clause]:
    """The clauses that no mutant was failed by, so that nobody has seen them fail."""
    seen = {id_ for each in judged if not each.mutant.equivalent for id_ in each.killed_by}
    return [clause for clause in clauses if clause.id not in seen]


def matrix(clauses: Sequence[Clause], judged: Sequence[Judged], about: dict[str, Any]) -> dict[str, Any]:
    """The whole matrix as data; `about` says how the mutants were run."""
    return {
        **about,
        "mutants": [each.as_json() for each in judged if not each.mutant.equivalent],
        "equivalents": [each.as_json() for each in judged if each.mutant.equivalent],
        "clauses_without_mutant": [clause.id for clause in clauses_without_mutant(clauses, judged)],
    }


def table(clauses: Sequence[Clause], judged: Sequence[Judged]) -> str:
    """The matrix for readers: each clause with the mutants that it has caught."""
    lines = []
    for clause in clauses:
        names = [each.mutant.name for each in judged if clause.id in each.killed_by]
        shown = ", ".join(names) or ("NO MUTANT" if clause.level is Level.MUST else "no mutant")
        lines.append(f"{clause.id} {clause.slug:<36} {clause.level:<6} {len(names):3}  {shown}")
    return "\n".join(lines)


def again(judged: Judged, queue_type: str) -> str:
    """The command that shows why a mutant was not judged as it should be."""
    ids = " or ".join((*judged.missed, *judged.unexpected)) or " or ".join(judged.mutant.expected)
    which = ["-k", ids] if ids else []
    return shlex.join(["./spec", "check", *judged.mutant.options, "--queue-type", queue_type, *which])
