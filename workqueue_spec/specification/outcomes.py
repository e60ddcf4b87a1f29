"""What became of each clause: from the outcomes of its tests to the verdict of the run."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from .clauses import Clause, Level


class Outcome(StrEnum):
    """What can be said of a clause."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not judged"


SUITE_FAILED = "the suite itself failed"
"""How the reason begins where a clause could not be judged by no fault of the program's."""

_WORST_FIRST = [Outcome.FAILED, Outcome.NOT_JUDGED, Outcome.PASSED]


class Conformance(StrEnum):
    """What can be said of a run."""

    CONFORMANT = "conformant"
    """Every selected MUST was judged and holds."""
    NONCONFORMANT = "nonconformant"
    INCONCLUSIVE = "inconclusive"
    """No MUST failed, but not all were judged."""


@dataclass(frozen=True)
class Result:
    """A clause, and what became of it. Plain data, since it travels between processes."""

    id: str
    slug: str
    class_: str
    level: str
    role: str
    statement: str
    presumes: tuple[str, ...]
    outcome: Outcome
    seconds: float
    reason: str = ""
    evidence: tuple[str, ...] = ()
    known: str = ""
    """The reason why its failure was expected, where it was."""
    seen_in: str = ""
    """The test in which it was seen to be broken, where that is another clause's."""

    @classmethod
    def of(cls, clause: Clause, outcome: Outcome, seconds: float, **details: Any) -> Self:
        """The result of one of the clause's tests."""
        return cls(
            clause.id,
            clause.slug,
            clause.class_,
            clause.level,
            clause.role,
            clause.statement,
            clause.presumes,
            outcome,
            seconds,
            **details,
        )

    def as_json(self) -> str:
        """For another process to read."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """From another process."""
        data = json.loads(text)
        for name in ("presumes", "evidence"):
            data[name] = tuple(data[name])
        return cls(**{**data, "outcome": Outcome(data["outcome"])})

    @property
    def is_stale(self) -> bool:
        """Whether it was expected to fail and holds after all, so that the profile is out of date."""
        return bool(self.known) and self.outcome is Outcome.PASSED

    @property
    def breaks_conformance(self) -> bool:
        """Whether it is a promise that must be kept and was not."""
        return self.outcome is Outcome.FAILED and self.level == Level.MUST


@dataclass
class Results:
    """The results of a run."""

    _by_id: dict[str, Result] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        """Takes the result of one test. A clause with several is what its worst one is, and its own test's
        before what another test saw.
        """
        before = self._by_id.get(result.id)
        if before is None:
            self._by_id[result.id] = result
            return
        worse = min((before, result), key=lambda r: (_WORST_FIRST.index(r.outcome), bool(r.seen_in)))
        self._by_id[result.id] = replace(worse, seconds=before.seconds + result.seconds)

    def clauses(self) -> Sequence[Result]:
        """Each clause with what is to be said of it in the end, in the catalogue's order.

        A clause that failed while one of the broker's clauses that it presumes failed too is not judged:
        it may be the broker that is to blame.
        """
        ordered = sorted(
            self._by_id.values(), key=lambda result: ("BPWS".find(result.id[0]), int(result.id[1:]))
        )
        return [self._without_blame(result) for result in ordered]

    def _without_blame(self, result: Result) -> Result:
        if result.outcome is Outcome.FAILED:
            for id_ in result.presumes:
                presumed = self._by_id.get(id_)
                if presumed is not None and presumed.outcome is Outcome.FAILED:
                    reason = f"the broker does not keep {id_} ({presumed.slug}), which this clause presumes"
                    return replace(result, outcome=Outcome.NOT_JUDGED, reason=reason)
        return result


def counts(results: Iterable[Result]) -> dict[str, int]:
    """How many clauses there are of each outcome."""
    tally = {str(outcome): 0 for outcome in Outcome}
    for result in results:
        tally[result.outcome] += 1
    return tally


def conformance(results: Sequence[Result], *, complete: bool) -> Conformance:
    """The verdict of a run; `complete` says that it went to its end without an error of its own."""
    if any(result.breaks_conformance for result in results):
        return Conformance.NONCONFORMANT
    musts = [result for result in results if result.level == Level.MUST]
    if complete and musts and all(result.outcome is Outcome.PASSED for result in musts):
        return Conformance.CONFORMANT
    return Conformance.INCONCLUSIVE
