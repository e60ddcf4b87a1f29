"""The results of the mutants, as data and as a table."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...specification.clauses import Clause, Level
from .mutant import Mutant


@dataclass(frozen=True)
class Result:
    """The outcome of judging one mutant."""

    mutant: Mutant
    killed_by: tuple[str, ...]
    """The ids of the clauses that failed."""
    not_judged: tuple[str, ...]
    """The ids of the clauses that were not judged."""
    seconds: float
    reasons: Mapping[str, str] = field(default_factory=dict)
    """The reason of each clause that did not pass, by its id."""
    error: str = ""
    """Why the mutant, or some clause, could not be judged: the end of the suite's output, or the suite's errors."""

    @property
    def missed(self) -> tuple[str, ...]:
        """The clauses that the mutant breaks, and that it was judged by, but that did not fail."""
        only = self.mutant.only
        asked = {id_ for id_ in self.mutant.expected if only is None or id_ in only}
        return tuple(sorted(asked - set(self.killed_by)))

    @property
    def unexpected(self) -> tuple[str, ...]:
        """The clauses that failed although the mutant does not break them."""
        return tuple(sorted(set(self.killed_by) - set(self.mutant.expected) - set(self.mutant.by_chance)))

    @property
    def is_exact(self) -> bool:
        """Whether exactly the clauses failed that the mutant breaks."""
        return not (self.error or self.missed or self.unexpected)

    def line(self) -> str:
        """The result in one line, for the terminal."""
        clauses = " ".join(self.killed_by) or "none"
        if self.error:
            clauses += "; not all could be judged"
        if self.missed:
            clauses += f"; missed {' '.join(self.missed)}"
        if self.unexpected:
            clauses += f"; unexpected {' '.join(self.unexpected)}"
        kind = "equivalent" if self.mutant.equivalent else self.mutant.role
        mark = "exact" if self.is_exact else "WRONG"
        return f"{mark:<6} {kind:<10} {self.mutant.name:<52} {self.seconds:6.1f} s  {clauses}"

    def why(self) -> Iterator[str]:
        """A line for each clause that was missed, and for each that failed unexpectedly."""
        for id_ in self.missed:
            yield f"{id_} missed: {self.reasons.get(id_, 'no outcome' if self.error else 'it passed')}"
        for id_ in self.unexpected:
            yield f"{id_} unexpected: {self.reasons.get(id_, '')}"

    def as_json(self) -> dict[str, Any]:
        """The result as it is in the JSON report."""
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


def clauses_without_mutant(clauses: Sequence[Clause], results: Sequence[Result]) -> list[Clause]:
    """The clauses that failed for no mutant, so that it is not shown that they can fail."""
    seen = {id_ for each in results if not each.mutant.equivalent for id_ in each.killed_by}
    return [clause for clause in clauses if clause.id not in seen]


def matrix(clauses: Sequence[Clause], results: Sequence[Result], about: dict[str, Any]) -> dict[str, Any]:
    """The whole matrix as data; `about` says how the mutants were run."""
    return {
        **about,
        "mutants": [each.as_json() for each in results if not each.mutant.equivalent],
        "equivalents": [each.as_json() for each in results if each.mutant.equivalent],
        "clauses_without_mutant": [clause.id for clause in clauses_without_mutant(clauses, results)],
    }


def table(clauses: Sequence[Clause], results: Sequence[Result]) -> str:
    """The matrix for readers: a line for each clause, with the mutants that failed it."""
    lines = []
    for clause in clauses:
        names = [each.mutant.name for each in results if clause.id in each.killed_by]
        shown = ", ".join(names) or ("NO MUTANT" if clause.level is Level.MUST else "no mutant")
        lines.append(f"{clause.id} {clause.slug:<36} {clause.level:<6} {len(names):3}  {shown}")
    return "\n".join(lines)


def rerun_command(result: Result, queue_type: str) -> str:
    """The `./spec check` command that judges the mutant again, by the clauses whose outcome was wrong, if any."""
    ids = " or ".join((*result.missed, *result.unexpected)) or " or ".join(result.mutant.expected)
    which = ["-k", ids] if ids else []
    return shlex.join(["./spec", "check", *result.mutant.options, "--queue-type", queue_type, *which])
