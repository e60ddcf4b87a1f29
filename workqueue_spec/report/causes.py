"""Which failure explains which: pure functions of the clauses of a report.

How it works. A failure has at most one cause among the other failures, and it is found in what was seen, in this
order:

1. A promise that holds all the time was broken in the same test, and not after the event that decided (`beside`).
   The promise that was broken first is the cause. How a producer declares and routes is the same in every test
   (`_SET_UP`), so it explains only what some event decided: it is not why a producer hangs or prints a password.
2. What decided is of a kind that another clause forbids: an acknowledgement before the work breaks W03 wherever it
   is seen (`_FORBIDDEN_BY`).
3. The delivery that decided was a redelivery, and the worker does not work on redelivered tasks (W21).
4. After the delivery that decided, the worker ended by itself, and a message makes it end (W23).
5. In the history that decided, a task is delivered again and again without a pause (W09).
6. The end of a producer decided, and it had published without asking for confirms (P02).
7. The worker did not come back, and the wire shows the same as for an earlier clause: that clause is the cause.

A cause may have a cause itself. The last one is the root.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..judgement.verdicts import Kind
from ..judgement.verdicts.retrying import no_hot_loop
from .likely import DELIVERIES, SETTLEMENTS, ClauseData, deciding, delivery_of, likely_cause

_FORBIDDEN_BY: Mapping[str, str] = {
    Kind.NO_ACK: "W01",
    Kind.HELD: "W02",
    Kind.EARLY: "W03",
    Kind.MISSETTLED: "W04",
    Kind.UNSETTLED: "W05",
    Kind.TRANSIENT: "P01",
    Kind.UNCONFIRMED: "P02",
    Kind.ALTERED: "P09",
    Kind.NUMBER: "P17",
}
"""The clause that forbids each kind of thing in itself, whatever a test is about."""
_SET_UP = frozenset({"P01", "P10", "P18", "P21"})
"""Promises about how a producer declares its queue and publishes. None of them explains another one."""
_WORKS_ON_REDELIVERED = "W21"
_SURVIVES_ANY_MESSAGE = "W23"
_RETRIES_WITHIN_BOUNDS = "W09"
_SUCCESS_AFTER_CONFIRM = "P02"
_LEVELS = ("MUST", "SHOULD", "MAY")


@dataclass(frozen=True)
class Group:
    """A failure, and the failures that follow from it."""

    root: ClauseData
    explained: tuple[ClauseData, ...]

    @property
    def says(self) -> str:
        """What the root explains, as a sentence; empty if it explains nothing."""
        if not self.explained:
            return ""
        return f"{self.root['id']} explains {', '.join(each['id'] for each in self.explained)}"


def groups(clauses: Sequence[ClauseData]) -> list[Group]:
    """The failed clauses of a report, each root with what it explains. The first group is to be looked at first.

    Failures that are not known come before those that are, what counts before what does not, a MUST before a
    SHOULD, and a root that explains more before one that explains less.
    """
    failed = {each["id"]: each for each in clauses if each["outcome"] == "failed"}
    roots = {id_: root_of(id_, failed) for id_ in failed}
    found = [
        Group(failed[root], tuple(failed[id_] for id_ in failed if roots[id_] == root and id_ != root))
        for root in failed
        if roots[root] == root
    ]
    return sorted(found, key=_rank)


def with_causes(clauses: Sequence[ClauseData]) -> list[dict[str, Any]]:
    """The clauses with two keys more: `explained_by`, the id of the root (empty for a root, and for what did not
    fail), and `likely_cause`, a line that is empty if the wire does not show one.
    """
    roots = {each["id"]: group.root["id"] for group in groups(clauses) for each in group.explained}
    return [
        {
            **each,
            "explained_by": roots.get(each["id"], ""),
            "likely_cause": likely_cause(each) if each["outcome"] == "failed" else "",
        }
        for each in clauses
    ]


def root_of(id_: str, failed: Mapping[str, ClauseData]) -> str:
    """The clause at the end of the chain of causes. If the chain is a circle, the first clause of the circle."""
    chain = [id_]
    while (cause := cause_of(failed[chain[-1]], failed)) is not None:
        if cause in chain:
            return min(chain[chain.index(cause) :], key=list(failed).index)
        chain.append(cause)
    return chain[-1]


def cause_of(clause: ClauseData, failed: Mapping[str, ClauseData]) -> str | None:
    """The failed clause that explains this one directly; None if no other one does."""
    own = clause["id"]
    candidates = _beside(clause)
    if (forbids := _FORBIDDEN_BY.get(clause["kind"])) is not None:
        candidates.append(forbids)
    if _redelivered(clause):
        candidates.append(_WORKS_ON_REDELIVERED)
    if _ended_at_a_delivery(clause):
        candidates.append(_SURVIVES_ANY_MESSAGE)
    if _is_retried_in_a_hot_loop(clause):
        candidates.append(_RETRIES_WITHIN_BOUNDS)
    if clause["subject"] == "producer" and _publishes_unconfirmed(clause):
        candidates.append(_SUCCESS_AFTER_CONFIRM)
    if clause["kind"] == Kind.NOT_BACK and (shown := likely_cause(clause)):
        candidates += [id_ for id_, other in failed.items() if _did_not_come_back(other, shown)][:1]
    return next((each for each in candidates if each in failed and each != own), None)


def _beside(clause: ClauseData) -> list[str]:
    explicable = clause["id"] not in _SET_UP and deciding(clause)[1] is not None
    return [each for each in clause["beside"] if explicable or each not in _SET_UP]


def _redelivered(clause: ClauseData) -> bool:
    """Whether a redelivery decided, or the settlement of a redelivery."""
    events, event = deciding(clause)
    if event is not None and event["name"] not in DELIVERIES:
        event = delivery_of(event, events)
    return event is not None and bool(event.get("fields", {}).get("redelivered"))


def _ended_at_a_delivery(clause: ClauseData) -> bool:
    """Whether a delivery decided, and the first thing that its worker's process did then was to end by itself."""
    events, event = deciding(clause)
    if event is None or event["name"] not in DELIVERIES:
        return False
    of_party = [
        each for each in events if each["party"] == event["party"] and each["number"] > event["number"]
    ]
    ends = [each["number"] for each in of_party if each["name"] == "exited"]
    if not ends:
        return False
    before = [each for each in of_party if each["number"] < ends[0]]
    return not any(each["name"] == "signal" or each["name"] in SETTLEMENTS for each in before)


def _is_retried_in_a_hot_loop(clause: ClauseData) -> bool:
    """Whether a worker got the same body more often in a second than W09 allows, by deliveries and redeliveries."""
    times: dict[tuple[str, str], list[float]] = {}
    for event in deciding(clause)[0]:
        if event["name"] in DELIVERIES and event["party"].startswith("worker"):
            times.setdefault((event["party"], event.get("body", "")), []).append(event["at"])
    return any(not no_hot_loop(each, "") for each in times.values())


def _publishes_unconfirmed(clause: ClauseData) -> bool:
    """Whether the end of a program decided that had published without asking for confirms."""
    events, event = deciding(clause)
    if event is None or event["name"] != "exited":
        return False
    sent = [each for each in events if each["party"] == event["party"] and each.get("sender") == "client"]
    names = {each["name"] for each in sent}
    return "Basic.Publish" in names and not names & {"Confirm.Select", "Tx.Select"}


def _did_not_come_back(clause: ClauseData, shown: str) -> bool:
    return bool(clause["kind"] == Kind.NOT_BACK) and likely_cause(clause) == shown


def _rank(group: Group) -> tuple[bool, bool, int, int]:
    """A group is as important as the most important failure in it."""
    members = (group.root, *group.explained)
    return (
        all(each["known_failure"] for each in members),
        all(each["edition"] is not None for each in members),
        min(_LEVELS.index(each["level"]) for each in members),
        -len(group.explained),
    )
