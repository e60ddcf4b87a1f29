"""A row of the table: what was measured, beside what, and one value for each round."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workqueue_spec.broker.run import Run

RATIO = "x"
"""The unit of a ratio."""


@dataclass(frozen=True)
class Goal:
    """A value that the median should keep to. Nothing fails if it does not."""

    value: float
    at_least: bool

    def reached(self, median: float) -> bool:
        """Whether the median keeps to the goal."""
        return median >= self.value if self.at_least else median <= self.value

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {number(self.value)}"


def at_least(value: float) -> Goal:
    """The goal of a value that should be high."""
    return Goal(value, at_least=True)


def at_most(value: float) -> Goal:
    """The goal of a value that should be low."""
    return Goal(value, at_least=False)


@dataclass(frozen=True)
class Spread:
    """The median of some values, and the range of the middle half of them."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(low, median, high)

    def __str__(self) -> str:
        return f"{number(self.median)} ({number(self.low)} to {number(self.high)})"


@dataclass(frozen=True)
class Row:
    """One line of the table. It has values, or the reason why it was not measured."""

    what: str
    beside: str = ""
    """What a ratio is a ratio to; for other units, what the value is to be compared with."""
    values: tuple[float, ...] = ()
    """One value for each round."""
    unit: str = RATIO
    goal: Goal | None = None
    note: str = ""
    why_not: str = ""
    """One sentence if it was not measured."""
    details: Mapping[str, float] = field(default_factory=dict)
    """What the values were computed from. Only the JSON shows it."""

    @property
    def spread(self) -> Spread:
        """The median and the middle half of the values. The row must have been measured."""
        return Spread.of(self.values)


def ratios(values: Iterable[float], beside: Iterable[float]) -> tuple[float, ...]:
    """Each round's value divided by the same round's other value."""
    return tuple(value / other for value, other in zip(values, beside, strict=True))


def number(value: float) -> str:
    """The value with at least three figures, as far as they tell anything."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}"


@dataclass(frozen=True)
class Given:
    """What each group of rows is given to measure with."""

    run: Run
    rounds: int
    matrix: Path | None = None
    """The report of a kill matrix."""
    image: str = ""
    """The image for the containers; the one that the engine has if it is empty."""

    events: int = 1_000_000
    """The most events that judging is measured with."""

    @property
    def few_rounds(self) -> int:
        """Rounds for what takes minutes: a fifth of the others."""
        return max(1, self.rounds // 5)
