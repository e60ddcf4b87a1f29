"""The results of the mutants, as data and as a table."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...specification.clauses import Clause, Level, Role
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
    first: str = ""
    """The id of the failure that the report shows first; empty if nothing failed."""
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
            "root": mutant.root,
            "first_shown": self.first,
            "expected": sorted(mutant.expected),
            "by_chance": sorted(mutant.by_chance),
            "killed_by": sorted(self.killed_by),
            "not_judged": sorted(self.not_judged),
            "seconds": round(self.seconds, 1),
        }


@dataclass(frozen=True)
class Roots:
    """How many reports about mutants show the right failure first."""

    right: int
    wrong: tuple[Result, ...]

    @property
    def share(self) -> float:
        """The share of the reports that do; 1 if there are none."""
        return self.right / (self.right + len(self.wrong)) if self.wrong else 1.0

    def lines(self) -> Iterator[str]:
        """What is said of them: a line for all, and one for each report that shows another failure first."""
        number = self.right + len(self.wrong)
        if number:
            yield (
                f"the first failure shown is the root for {self.right} of {number} mutants of programs "
                f"({100 * self.share:.0f} %)"
            )
        for each in self.wrong:
            yield f"  {each.mutant.name}: {each.first} is shown first, and {each.mutant.root} is the root"


def roots(results: Sequence[Result]) -> Roots:
    """Looks at the mutants of programs that failed the clause that their docstring tells of."""
    judged = [
        each
        for each in results
        if each.mutant.role is not Role.BROKER
        and not each.mutant.equivalent
        and each.mutant.root in each.killed_by
    ]
    wrong = tuple(each for each in judged if each.first != each.mutant.root)
    return Roots(len(judged) - len(wrong), wrong)


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
        "first_shown_is_the_root": round(roots(results).share, 3),
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
