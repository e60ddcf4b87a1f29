"""Examples are drawn by the seed alone, whatever the machine is busy with."""

import itertools
import time
from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from workqueue_spec.bench.examples import examples


@pytest.fixture
def as_in_the_specification() -> Iterator[None]:
    settings.load_profile("default")
    yield
    settings.load_profile("workbench")


@pytest.mark.usefixtures("as_in_the_specification")
def test_a_busy_machine_draws_them_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    at_ease = examples(st.integers(), 12, 1)
    now, late = time.perf_counter, itertools.count()
    monkeypatch.setattr(time, "perf_counter", lambda: now() + 60 * next(late))
    assert examples(st.integers(), 12, 1) == at_ease
