"""A verdict: what was expected, what was seen, and whether that is good enough."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """Whether a promise holds, with what was expected and what was seen."""

    holds: bool
    expected: str
    seen: str

    def __bool__(self) -> bool:
        return self.holds

    def __and__(self, other: "Verdict") -> "Verdict":
        """Both must hold. The result is the first verdict that does not hold, or else the second."""
        return self if not self.holds else other


class Broken(AssertionError):
    """A promise was not kept."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected {expected}; seen: {seen}")
        self.expected = expected
        self.seen = seen


class NotJudged(Exception):
    """A clause cannot be judged, because something that the judgement needs is missing; the text says what."""


def judge(verdict: Verdict) -> None:
    """Raises Broken if the verdict does not hold."""
    if not verdict.holds:
        raise Broken(verdict.expected, verdict.seen)
