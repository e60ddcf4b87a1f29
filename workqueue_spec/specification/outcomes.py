"""The outcome of each clause and the verdict of the run, made from the outcomes of the tests."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from .clauses import Clause, Level


class Outcome(StrEnum):
    """What a run found out about a clause."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not judged"


SUITE_FAILED = "the suite itself failed"
"""How the reason begins if a clause could not be judged because of an error of the suite."""

_WORST_FIRST = [Outcome.FAILED, Outcome.NOT_JUDGED, Outcome.PASSED]


class Conformance(StrEnum):
    """The verdict of a run."""

    CONFORMANT = "conformant"
    """Every selected MUST was judged and holds."""
    NONCONFORMANT = "nonconformant"
    """A MUST failed."""
    INCONCLUSIVE = "inconclusive"
    """No MUST failed, but not every selected MUST was judged, or none was selected, or the run broke off."""


@dataclass(frozen=True)
class Result:
    """A clause and its outcome. It is plain data, because results travel between processes."""

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
    """The profile's reason why a failure is expected. Empty if none is expected."""
    seen_in: str = ""
    """Another clause's test, if that one saw that this clause is broken. Otherwise empty."""

    @classmethod
    def of(cls, clause: Clause, outcome: Outcome, seconds: float, **details: Any) -> Self:
        """The result of one of the clause's tests."""
        return cls(
            id=clause.id,
            slug=clause.slug,
            class_=clause.class_,
            level=clause.level,
            role=clause.role,
            statement=clause.statement,
            presumes=clause.presumes,
            outcome=outcome,
            seconds=seconds,
            **details,
        )

    def as_json(self) -> str:
        """The result as text, for another process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The result that another process wrote with as_json()."""
        data = json.loads(text)
        for name in ("presumes", "evidence"):
            data[name] = tuple(data[name])
        return cls(**{**data, "outcome": Outcome(data["outcome"])})

    @property
    def is_stale(self) -> bool:
        """Whether the profile expects the clause to fail, and it holds: the profile is then out of date."""
        return bool(self.known) and self.outcome is Outcome.PASSED

    @property
    def breaks_conformance(self) -> bool:
        """Whether the clause is a MUST and failed."""
        return self.outcome is Outcome.FAILED and self.level == Level.MUST


@dataclass
class Results:
    """The results of a run, one for each clause."""

    _by_id: dict[str, Result] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        """Adds the result of one test.

        A clause that several tests judge has the outcome of its worst test. If the outcomes are equal, the
        clause's own test counts, and not what another clause's test saw. The seconds are added up.
        """
        before = self._by_id.get(result.id)
        if before is None:
            self._by_id[result.id] = result
            return
        worse = min((before, result), key=lambda r: (_WORST_FIRST.index(r.outcome), bool(r.seen_in)))
        self._by_id[result.id] = replace(worse, seconds=before.seconds + result.seconds)

    def clauses(self) -> Sequence[Result]:
        """The final result of each clause, in the order of the specification.

        A clause that failed is not judged if one of the broker's clauses that it presumes failed, too: the broker
        may be to blame.
        """
        ordered = sorted(
            self._by_id.values(), key=lambda result: ("BPWS".find(result.id[0]), int(result.id[1:]))
        )
        return [self._unless_the_broker_failed(result) for result in ordered]

    def _unless_the_broker_failed(self, result: Result) -> Result:
        if result.outcome is Outcome.FAILED:
            for id_ in result.presumes:
                presumed = self._by_id.get(id_)
                if presumed is not None and presumed.outcome is Outcome.FAILED:
                    reason = f"the broker does not keep {id_} ({presumed.slug}), which this clause presumes"
                    return replace(result, outcome=Outcome.NOT_JUDGED, reason=reason)
        return result


def counts(results: Iterable[Result]) -> dict[str, int]:
    """The number of clauses with each outcome."""
    tally = {str(outcome): 0 for outcome in Outcome}
    for result in results:
        tally[result.outcome] += 1
    return tally


def conformance(results: Sequence[Result], *, complete: bool) -> Conformance:
    """The verdict of a run. `complete`: the run went to its end without an error of its own."""
    if any(result.breaks_conformance for result in results):
        return Conformance.NONCONFORMANT
    musts = [result for result in results if result.level == Level.MUST]
    if complete and musts and all(result.outcome is Outcome.PASSED for result in musts):
        return Conformance.CONFORMANT
    return Conformance.INCONCLUSIVE
