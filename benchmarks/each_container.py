"""A plugin of pytest that gives each test a container of its own: `pytest -p benchmarks.each_container`.

This is how tests use testcontainers as a rule. `WORKQUEUE_SPEC_SECONDS` names a file for the seconds of each test.
With `WORKQUEUE_SPEC_SHARED`, all tests use the broker of the run, as the suite does.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from workqueue_spec.broker import Broker, open_broker
from workqueue_spec.plugin.stash import BROKER, RUN

from .processes import stopwatch

FILE, SHARED = "WORKQUEUE_SPEC_SECONDS", "WORKQUEUE_SPEC_SHARED"

seconds: dict[str, float] = defaultdict(float)
brokers: list[Broker] = []
"""All that were opened. They are kept, since the suite knows a broker by its `id`."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Runs the test between the start of a container and its removal, and keeps the seconds."""
    began = stopwatch()
    if os.environ.get(SHARED):
        result = yield
    else:
        stash = item.config.stash
        shared = stash[BROKER]
        mine = stash[BROKER] = open_broker(item.config.option.broker, stash[RUN])
        brokers.append(mine)
        try:
            result = yield
        finally:
            mine.close()
            stash[BROKER] = shared
    seconds[item.name] += stopwatch() - began
    return result


def pytest_sessionfinish() -> None:
    """Writes the seconds."""
    Path(os.environ[FILE]).write_text(json.dumps(seconds), encoding="utf-8")
