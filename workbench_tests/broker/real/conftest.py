"""The run of the tests of real brokers."""

from collections.abc import Iterator

import pytest

from workqueue_spec.broker.run import Run


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    run = Run.begin()
    yield run
    run.end()
