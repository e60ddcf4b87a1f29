"""Values drawn from a Hypothesis strategy before the test uses them.

A broker remembers what was done to it, so an example that failed cannot be tried again and made smaller. Hypothesis
only draws here.
"""

from typing import TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Value = TypeVar("Value")


def examples(strategy: st.SearchStrategy[Value], number: int, seed: int) -> list[Value]:
    """At most `number` examples; fewer if the strategy has fewer.

    The same seed always gives the same examples, in one version of the suite: sometimes Hypothesis takes a constant
    from the code that is loaded.
    """
    drawn: list[Value] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],  # it measures a machine that may be busy
    )
    @given(strategy)
    def draw(value: Value) -> None:
        drawn.append(value)

    draw()
    return drawn
