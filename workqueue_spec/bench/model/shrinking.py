"""Fewer steps that fail, too.

How it works. Steps are left out, first many at once, then one by one, the last ones first. What is left is made
plainer: one message, one client, no `multiple`. Then all begins again, until nothing changes any more.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from .steps import Step

Steps = Sequence[Step]
Fails = Callable[[Steps], Steps | None]
"""Takes the steps that can be taken. Returns those that it took if they failed, and None if they did not."""

_PLAIN: dict[str, Any] = {
    "messages": 1,
    "persistent": True,
    "mandatory": False,
    "prefetch": 1,
    "consumer": 0,
    "oldest": 0,
    "multiple": False,
    "kill": False,
}


def fewest(steps: Steps, fails: Fails) -> Steps:
    """The fewest steps that were found to fail. `fails` ends the search by returning None from then on."""
    before: Steps | None = None
    while steps != before:
        before = steps
        size = len(steps) // 2
        while size:
            steps = _without(steps, size, fails)
            size //= 2
        steps = _plainer(steps, fails)
    return steps


def _without(steps: Steps, size: int, fails: Fails) -> Steps:
    """The steps without as many groups of this size as possible."""
    end = len(steps)
    while end:
        begin = max(0, end - size)
        steps = fails([*steps[:begin], *steps[end:]]) or steps
        end = min(begin, len(steps))
    return steps


def _plainer(steps: Steps, fails: Fails) -> Steps:
    """The steps with as many plain arguments as possible."""
    for place in reversed(range(len(steps))):
        for name, plain in _PLAIN.items():
            if place < len(steps) and steps[place].keywords.get(name, plain) != plain:
                plainer = replace(steps[place], keywords={**steps[place].keywords, name: plain})
                steps = fails([*steps[:place], plainer, *steps[place + 1 :]]) or steps
    one_client = [replace(each, arguments=each.arguments and (1,)) for each in steps]
    return steps if one_client == steps else fails(one_client) or steps
