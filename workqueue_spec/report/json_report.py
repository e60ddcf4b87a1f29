"""The report as JSON data, `schema` 1."""

import datetime
from collections.abc import Sequence
from typing import Any

from ..specification.outcomes import Conclusion, Result, counts


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
) -> dict[str, Any]:
    """The report as data, ready to be written as JSON. The counts leave out clauses that are not in the edition."""
    return {
        "schema": 1,
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
        "clauses": [
            {
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
                "evidence": list(result.evidence),
            }
            for result in results
        ],
    }
