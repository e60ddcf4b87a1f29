"""The outcome of each clause and the verdict of the run, made from the outcomes of the tests."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from .clauses import Clause, Level, Role, is_own, order
from .edition import Change
from .remedies import remedy_of


class Outcome(StrEnum):
    """What a run found out about a clause."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not judged"


SUITE_FAILED = "the suite itself failed"
"""How the reason begins if a clause could not be judged because of an error of the suite."""

BROKER_FAILED = "the broker failed"
"""How the reason begins if a clause could not be judged because the broker died or was blocked."""

_WORST_FIRST = [Outcome.FAILED, Outcome.NOT_JUDGED, Outcome.PASSED]


class Conformance(StrEnum):
    """The verdict of a run."""

    CONFORMANT = "conformant"
    """Every clause of the class was asked for, and every MUST was judged and holds. This speaks of the
    specification's clauses: a team's own clauses add nothing to it, but none of their MUSTs has failed.
    """
    NONCONFORMANT = "nonconformant"
    """A MUST failed."""
    INCONCLUSIVE = "inconclusive"
    """No MUST failed, but not every MUST was judged: not every clause was asked for, or the run broke off."""


@dataclass(frozen=True)
class Conclusion:
    """The verdict of a run, and the reason for it."""

    verdict: Conformance
    reason: str
    """Words that continue "conformant: ...", without a full stop."""


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
    expected: str = ""
    seen: str = ""
    """What the verdict expected and what it saw; both are empty if there was none."""
    kind: str = ""
    """What kind of thing broke the promise, if it has a name: one of `Kind` in `judgement/verdicts/verdict.py`."""
    beside: tuple[str, ...] = ()
    """The clauses that hold all the time and were seen to be broken in the same test, the earliest first."""
    histories: tuple[Mapping[str, Any], ...] = ()
    """What happened in the test, as `report/events.py` makes it. Empty if nobody needs it."""
    known: str = ""
    """The reason why a failure is expected, from the list of known failures. Empty if none is expected."""
    seen_in: str = ""
    """Another clause's test, if that one saw that this clause is broken. Otherwise empty."""
    remedy: Mapping[str, Any] | None = None
    """Why a clause that failed matters, and how to mend that, as `specification/remedies.py` has it."""
    details: Mapping[str, Any] | None = None
    """What the test found out beside its verdict; None if that is nothing."""
    change: Change | None = None
    """If the run asked for an edition: why that edition does not judge by the clause. None if the clause counts."""

    @classmethod
    def of(
        cls, clause: Clause, outcome: Outcome, seconds: float, *, queue_type: str = "", **details: Any
    ) -> Self:
        """The result of one of the clause's tests. Its remedy is for queues of this type; if empty, of any type."""
        remedy = remedy_of(clause) if outcome is Outcome.FAILED else None
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
            remedy=None if remedy is None else remedy.as_data(queue_type),
            **details,
        )

    def as_json(self) -> str:
        """The result as text, for another process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The result that another process wrote with as_json()."""
        data = json.loads(text)
        for name in ("presumes", "beside", "histories"):
            data[name] = tuple(data[name])
        change = None if data["change"] is None else Change(data["change"])
        return cls(**{**data, "outcome": Outcome(data["outcome"]), "change": change})

    @property
    def own(self) -> bool:
        """Whether the clause is a team's own, and not one of the specification's."""
        return is_own(self.id)

    @property
    def counts(self) -> bool:
        """Whether the clause counts for the verdict and the exit status. Otherwise it is only shown."""
        return self.change is None

    @property
    def is_stale(self) -> bool:
        """Whether the clause is a known failure, and holds: the list of known failures is then out of date."""
        return self.counts and bool(self.known) and self.outcome is Outcome.PASSED

    @property
    def breaks_conformance(self) -> bool:
        """Whether the clause counts, is a MUST, and failed."""
        return self.counts and self.outcome is Outcome.FAILED and self.level == Level.MUST


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
        """The final result of each clause, in the order of the specification. A team's own clauses come last.

        A clause that failed is not judged if one of the broker's clauses that it presumes failed, too: the broker
        may be to blame.
        """
        ordered = sorted(self._by_id.values(), key=lambda result: order(result.id))
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


def conformance(
    results: Sequence[Result],
    *,
    whole: Collection[str],
    gaps: Sequence[str],
    edition: str = "",
    lapsed: Sequence[str] = (),
    absent: Role | None = None,
) -> Conclusion:
    """What follows from the results of a run.

    `whole` holds the ids of all clauses of the class that was asked for. `gaps` says what the run did not come to,
    one sentence for each: a run with a gap is not conformant, whatever it has seen. A clause of which only some
    tests were asked for is a gap, too.

    If the run asked for an `edition`, `whole` holds the clauses by which it judges, and `lapsed` the ids of its
    MUSTs by which nobody can be judged any more: the reason names them. Clauses that do not count are left out.

    A role without a program is `absent`: `whole` holds none of its clauses, and a run that is conformant says so.

    A team's own MUST that fails makes the run nonconformant. Otherwise the verdict speaks of the specification's
    clauses alone, and its reason says in addition what became of the team's own clauses.
    """
    results = [result for result in results if result.counts]
    of_edition = f" of edition {edition}" if edition else ""
    broken = [result.id for result in results if result.breaks_conformance]
    if broken:
        return Conclusion(Conformance.NONCONFORMANT, f"{_named(broken)} {_does(broken)} not hold")
    if gaps:
        return Conclusion(Conformance.INCONCLUSIVE, gaps[0])
    own = [result for result in results if result.own]
    if not own:
        return _of_the_specification(results, whole, of_edition, lapsed, absent)
    if len(own) == len(results):
        clauses = f"the {len(whole)} clauses{of_edition}" if edition else f"the specification's {len(whole)}"
        return Conclusion(Conformance.INCONCLUSIVE, f"{_of_your_own(own)}; none of {clauses} was asked for")
    others = [result for result in results if not result.own]
    conclusion = _of_the_specification(others, whole, of_edition, lapsed, absent)
    return replace(conclusion, reason=f"{conclusion.reason}; {_of_your_own(own)}")


def _of_the_specification(
    results: Sequence[Result],
    whole: Collection[str],
    of_edition: str,
    lapsed: Sequence[str],
    absent: Role | None,
) -> Conclusion:
    """What follows for the specification's clauses if no MUST failed and the run came to its end."""
    unjudged = [
        result.id for result in results if result.level == Level.MUST and result.outcome is Outcome.NOT_JUDGED
    ]
    asked = {result.id for result in results}
    if not set(whole) <= asked:
        return Conclusion(
            Conformance.INCONCLUSIVE, _selection(results, f"{len(whole)} clauses{of_edition}", unjudged)
        )
    if unjudged:
        return Conclusion(
            Conformance.INCONCLUSIVE, f"no MUST failed, but {_named(unjudged)} {_was(unjudged)} not judged"
        )
    if not any(result.level == Level.MUST for result in results):
        return Conclusion(Conformance.INCONCLUSIVE, "no MUST was asked for")
    reason = f"every MUST{of_edition} was judged and holds"
    if lapsed:
        reason += f", except {_named(lapsed)}, which {_was(lapsed)} reworded or retired since"
    if absent is not None:
        reason += f"; there is no {absent}, so no clause of a {absent} is asked"
    return Conclusion(Conformance.CONFORMANT, reason)


def _of_your_own(results: Sequence[Result]) -> str:
    """What became of a team's own clauses, of which no MUST failed."""
    one = len(results) == 1
    number = f"{len(results)} clause{'' if one else 's'} of your own"
    unjudged = [result.id for result in results if result.outcome is Outcome.NOT_JUDGED]
    if unjudged:
        return f"of {number}, {_named(unjudged)} {_was(unjudged)} not judged"
    if all(result.outcome is Outcome.PASSED for result in results):
        return f"{number} {'holds' if one else 'hold'}"
    return f"{number} {'is' if one else 'are'} judged, and no MUST among them failed"


def _selection(results: Sequence[Result], whole: str, unjudged: Sequence[str]) -> str:
    """What a run says that was asked for some of the clauses only, and in which no MUST failed."""
    if not results:
        return f"none of {whole} was asked for"
    one = len(results) == 1
    asked = f"{len(results)} of {whole} {'was' if one else 'were'} asked for"
    if all(result.outcome is Outcome.PASSED for result in results):
        return f"{asked}, and {'it holds' if one else 'they hold'}"
    if unjudged:
        return f"{asked}, and {_named(unjudged)} {_was(unjudged)} not judged"
    return f"{asked}, and no MUST among them failed"


_NAMED = 5
"""The most ids in a list; the rest is counted."""


def _named(ids: Sequence[str]) -> str:
    if len(ids) > _NAMED:
        return f"{', '.join(ids[: _NAMED - 1])} and {len(ids) - _NAMED + 1} others"
    return " and ".join(filter(None, [", ".join(ids[:-1]), ids[-1]]))


def _was(ids: Sequence[str]) -> str:
    return "was" if len(ids) == 1 else "were"


def _does(ids: Sequence[str]) -> str:
    return "does" if len(ids) == 1 else "do"
