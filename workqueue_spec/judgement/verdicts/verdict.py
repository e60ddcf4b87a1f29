"""A verdict: what was expected, what was seen, and whether that is good enough."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What kind of thing was seen when a promise was broken. Different clauses may fail by the same kind."""

    NO_ACK = "taken in no-ack mode"
    HELD = "held more than allowed"
    EARLY = "acknowledged before the work"
    MISSETTLED = "acknowledged what was not held"
    UNSETTLED = "not acknowledged"
    CONNECTION_LOST = "connection lost"
    DECLARED = "declared otherwise"
    TRANSIENT = "published as transient"
    NUMBER = "published another number of messages"
    ALTERED = "published another text"
    UNCONFIRMED = "success without a confirm"
    REFUSED = "refused by the broker"
    HOT_LOOP = "tried again without a pause"
    NOT_BACK = "asked for no tasks again"
    STATUS = "ended with another status, or too late"


@dataclass(frozen=True)
class Moment:
    """The event that decided a verdict, as an entry of a ledger knows it."""

    who: str = ""
    """The party; empty if it is unknown."""
    at: float | None = None
    """Seconds since the history began; None for the last event of this kind."""
    what: str = ""
    """As `Event.what`; empty if it is unknown."""
    tag: int | None = None
    """The delivery tag, which tells events of the same time apart."""


LAST_EXIT = Moment(what="exited")
"""The last end of a process."""


@dataclass(frozen=True)
class Verdict:
    """Whether a promise holds, with what was expected and what was seen."""

    holds: bool
    expected: str
    seen: str
    decided_by: Moment | None = None
    """The event that broke the promise; None if it holds, if something did not happen, or if it is unknown."""
    kind: Kind | None = None
    """What kind of thing broke the promise; None if it holds, or if it is of no kind that has a name."""

    def __bool__(self) -> bool:
        return self.holds

    def __and__(self, other: "Verdict") -> "Verdict":
        """Both must hold. The result is the first verdict that does not hold, or else the second."""
        return self if not self.holds else other


class Broken(AssertionError):
    """A promise was not kept."""

    def __init__(
        self, expected: str, seen: str, decided_by: Moment | None = None, kind: Kind | None = None
    ) -> None:
        super().__init__(f"expected {expected}; seen: {seen}")
        self.expected = expected
        self.seen = seen
        self.decided_by = decided_by
        self.kind = kind


class NoAnswer(Broken):
    """The broker did not answer a client of the suite in time. That is no program's failure."""


class NotJudged(Exception):
    """A clause cannot be judged, because something that the judgement needs is missing; the text says what."""


def judge(verdict: Verdict) -> None:
    """Raises Broken if the verdict does not hold."""
    if not verdict.holds:
        raise Broken(verdict.expected, verdict.seen, verdict.decided_by, verdict.kind)
