"""What a judgement says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """Whether a promise holds, in the terms of what was expected and what was seen."""

    holds: bool
    expected: str
    seen: str

    def __bool__(self) -> bool:
        return self.holds

    def __and__(self, other: "Verdict") -> "Verdict":
        """Both must hold; the first that does not is the one that speaks."""
        return self if not self.holds else other


class Broken(AssertionError):
    """A promise that was not kept."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected {expected}; seen: {seen}")
        self.expected = expected
        self.seen = seen


class NotJudged(Exception):
    """What would have been needed to judge a clause is not there; the text says what."""


def judge(verdict: Verdict) -> None:
    """Lets the test go on where the verdict holds, and ends it as broken where it does not."""
    if not verdict.holds:
        raise Broken(verdict.expected, verdict.seen)
