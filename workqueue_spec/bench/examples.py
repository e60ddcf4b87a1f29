"""Examples of what a strategy describes, drawn beforehand.

A broker remembers what was done to it, so an example that failed can't be tried again and made smaller: what
Hypothesis is good for here is to draw.
"""

from typing import TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Value = TypeVar("Value")


def examples(strategy: st.SearchStrategy[Value], number: int, seed: int) -> list[Value]:
    """At most so many, fewer where the strategy has no more.

    A seed always gives the same ones, in one version of the suite: now and then Hypothesis takes a constant from
    the code that is loaded.
    """
    drawn: list[Value] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],  # it measures the machine, which may be busy
    )
    @given(strategy)
    def draw(value: Value) -> None:
        drawn.append(value)

    draw()
    return drawn
