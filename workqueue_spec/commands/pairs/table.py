"""What came of the meetings, as a table and as data."""

from collections.abc import Mapping, Sequence
from typing import Any

from .meeting import Meeting, Outcome

Pair = tuple[str, str]
"""The name of the producer's program, and of the worker's."""
Meetings = Mapping[Pair, tuple[Meeting, Meeting]]
"""Each pair's two meetings: the worker first, and the producer first."""

WORKER_FIRST, PRODUCER_FIRST = range(2)


def outcome(both: tuple[Meeting, Meeting]) -> str:
    """What came of a pair, in a few words. If the two meetings differ, both outcomes are given."""
    first, second = (each.outcome for each in both)
    if first == second:
        return str(first)
    return f"{first} / {second}"


def table(names: Sequence[str], meetings: Meetings) -> list[str]:
    """The lines of a table in Markdown: a row for each producer, a column for each worker."""
    lines = [f"| producer \\ worker | {' | '.join(names)} |", f"|---{'|---' * len(names)}|"]
    for producer in names:
        cells = [outcome(meetings[producer, worker]) for worker in names]
        lines.append(f"| **{producer}** | {' | '.join(cells)} |")
    return lines


def declarations(names: Sequence[str], meetings: Meetings) -> list[str]:
    """The lines of a list: which queue each program declares, and how."""
    lines = []
    for name in names:
        own = meetings[name, name][WORKER_FIRST].declared
        for role in ("producer", "worker"):
            lines.append(f"- {name}, {role}: {'; '.join(own[role]) or 'declares no queue'}")
    return lines


def reasons(meetings: Meetings) -> list[str]:
    """The lines of a list: each meeting that does not work, and why."""
    return [
        f"- {producer} with {worker}, {order}: {meeting.outcome}: {meeting.why}"
        for (producer, worker), both in meetings.items()
        for order, meeting in zip(("worker first", "producer first"), both, strict=True)
        if meeting.outcome is not Outcome.WORKS
    ]


def as_json(names: Sequence[str], meetings: Meetings, about: dict[str, Any]) -> dict[str, Any]:
    """All the meetings as data for JSON. `about` says where the pairs met."""
    return {
        "schema": 1,
        **about,
        "programs": list(names),
        "pairs": [
            {
                "producer": producer,
                "worker": worker,
                "outcome": outcome(both),
                "worker_first": both[WORKER_FIRST].as_json(),
                "producer_first": both[PRODUCER_FIRST].as_json(),
            }
            for (producer, worker), both in meetings.items()
        ],
    }
