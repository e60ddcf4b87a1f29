"""Steps that fail are made fewer: what does not matter is left out, and what matters stays."""

from collections.abc import Callable, Sequence

import pytest

from workqueue_spec.bench.model.shrinking import fewest
from workqueue_spec.bench.model.steps import Step

PURGE = Step("purges", (2,), {})
FETCH = Step("fetches", (2,), {})


def publish(messages: int, client: int = 1) -> Step:
    return Step("publishes", (client,), {"messages": messages, "persistent": True, "mandatory": False})


def failing(wrong: Callable[[Sequence[Step]], bool]) -> Callable[[Sequence[Step]], Sequence[Step] | None]:
    """As a queue that fails at the first step at which the steps until then are wrong."""

    def fails(steps: Sequence[Step]) -> Sequence[Step] | None:
        until = (steps[:end] for end in range(1, len(steps) + 1))
        return next((taken for taken in until if wrong(taken)), None)

    return fails


def names(steps: Sequence[Step]) -> list[str]:
    return [each.name for each in steps]


@pytest.mark.parametrize("place", range(4))
def test_what_does_not_matter_is_left_out(place: int) -> None:
    steps = [publish(3), *[FETCH] * 4, PURGE, publish(2), *[FETCH] * 9, PURGE]
    steps.insert(place, publish(1))
    fails = failing(lambda taken: names(taken).count("purges") == 2)
    assert names(fewest(steps, fails)) == ["purges", "purges"]


def test_steps_that_only_fail_together_stay_in_their_order() -> None:
    steps = [FETCH, publish(1), FETCH, FETCH, PURGE, FETCH]
    fails = failing(lambda taken: names(taken)[-1:] == ["purges"] and "publishes" in names(taken))
    assert names(fewest(steps, fails)) == ["publishes", "purges"]


def test_a_step_becomes_plainer_if_it_fails_then_too() -> None:
    fails = failing(lambda taken: names(taken)[-2:] == ["publishes", "purges"])
    assert fewest([publish(3, client=2), PURGE], fails) == [publish(1), Step("purges", (1,), {})]
    fails = failing(lambda taken: taken[-1].keywords.get("messages", 0) > 1)
    assert fewest([publish(3, client=2)], fails) == [publish(3)]


def test_steps_stay_as_they_are_once_nothing_fails_any_more() -> None:
    steps = [publish(3), FETCH, PURGE]
    assert fewest(steps, lambda _: None) == steps
