"""The report as JSON data, `schema` 2. `schema-2.json` beside this module is its JSON Schema.

Schema 1 held `evidence`, lines of text, in place of `histories`; and it had neither `suite`, `options`, `platform`,
`program` and `behaviours`, nor a clause's `expected`, `seen`, `kind`, `beside`, `again`, `remedy`, `explained_by`
and `likely_cause`.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..judgement.forecast import CHANGE_BY_ID, CHANGES
from ..specification.outcomes import Conclusion, Outcome, Result, counts
from .causes import with_causes
from .library import library_of

BEHAVIOURS = {
    "B11": "round-robin",
    "S01": "fair dispatch",
    "W06": "redelivery after a crash",
    "B31": "durability over a restart",
    "B02": "PRECONDITION_FAILED",
}
"""The behaviours that the tutorial shows, each with the clause whose history shows it, even if the clause holds."""


def json_report(
    results: Sequence[Result],
    conclusion: Conclusion,
    *,
    subject: str,
    edition: str | None,
    broker: str,
    queue_type: str,
    seed: int,
    started: datetime.datetime,
    seconds: float,
    foreseen: Sequence[Mapping[str, Any]],
    about: Mapping[str, Any],
    again: Callable[[str], str],
) -> dict[str, Any]:
    """The report as data, ready to be written as JSON. The counts leave out clauses that are not in the edition.

    `foreseen` is what was seen of the programs that breaks or changes on a later RabbitMQ. `about` says with what
    was judged: `suite`, `options`, `platform`, `program`, and how the program uses its queues. `again` makes the
    command that runs the tests again which an expression of `-k` names.
    """
    return {
        "schema": 2,
        **about,
        "subject": subject,
        "edition": edition,
        "broker": broker,
        "queue_type": queue_type,
        "seed": seed,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "verdict": str(conclusion.verdict),
        "verdict_reason": conclusion.reason,
        "counts": counts(result for result in results if result.counts),
        "behaviours": BEHAVIOURS,
        "clauses": clauses_data(results, again),
        "foreseen": [_foreseen(each) for each in sorted(foreseen, key=_place)],
    }


def clauses_data(results: Sequence[Result], again: Callable[[str], str]) -> list[dict[str, Any]]:
    """The clauses as data, in their order, each failure with its causes."""
    return with_causes([_clause(result, again) for result in results])


def _clause(result: Result, again: Callable[[str], str]) -> dict[str, Any]:
    details = {} if result.details is None else {"details": result.details}
    return {
        "id": result.id,
        "slug": result.slug,
        "class": result.class_,
        "level": result.level,
        "subject": result.role,
        "statement": result.statement,
        "outcome": str(result.outcome),
        "seconds": round(result.seconds, 3),
        "reason": result.reason,
        "known_failure": result.known,
        "seen_in": result.seen_in,
        "edition": result.change,
        "expected": result.expected,
        "seen": result.seen,
        "kind": result.kind,
        "beside": list(result.beside),
        "again": again(_tests(result)) if result.outcome is Outcome.FAILED else "",
        "remedy": _remedy(result),
        "histories": list(result.histories),
        **details,
    }


def _remedy(result: Result) -> dict[str, Any] | None:
    """The remedy of a failure: what the library that was seen has for it comes first."""
    if result.remedy is None:
        return None
    seen = library_of(result.role, result.histories)
    settings = sorted(result.remedy["settings"], key=lambda each: each["library"] != seen)
    return {**result.remedy, "settings": settings, "library": seen}


def _tests(result: Result) -> str:
    """The tests to run again, as an expression of `-k`: the clause, and the test that saw the clause broken."""
    other = result.seen_in.partition("[")[0]
    return f"{result.id} or {other}" if other else result.id


def _foreseen(seen: Mapping[str, Any]) -> dict[str, Any]:
    """What was seen, with the change of RabbitMQ that it is about."""
    change = CHANGE_BY_ID[seen["change"]]
    return {
        **seen,
        "since": "{}.{}".format(*change.since),
        "effect": str(change.effect),
        "what": change.what,
        "do": change.do,
        "source": change.source,
    }


def _place(seen: Mapping[str, Any]) -> tuple[int, str]:
    """The order of RabbitMQ's versions."""
    return [change.id for change in CHANGES].index(seen["change"]), seen["party"]
