"""What the search for steps says: a queue differs if the steps fail once more, and is not judged otherwise."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.model import search
from workqueue_spec.bench.model.shrinking import Steps
from workqueue_spec.bench.model.steps import Step, as_test
from workqueue_spec.judgement.verdicts import Broken, NotJudged

EXAMPLES = 30
LONG = [Step("fetches", (1,), {}), Step("purges", (1,), {})]
SHORT = LONG[1:]


@pytest.fixture
def bench() -> Bench:
    made: Any = SimpleNamespace(
        setting=SimpleNamespace(seed=1), broker=SimpleNamespace(ours=True), details={}
    )
    return cast("Bench", made)


def searched(
    monkeypatch: pytest.MonkeyPatch,
    *,
    tried: int = EXAMPLES,
    failed: bool = False,
    again: tuple[Steps, ...] = (),
) -> None:
    """A search that has come to this end, with the steps that fail again, the fewest first."""

    class Searched(search.Search):
        def __post_init__(self) -> None:
            self.asked = 0

        def tries(self, examples: int, seed: int, *, restarts: bool) -> None:
            assert seed == 1
            self.asked += examples
            assert self.asked == EXAMPLES - EXAMPLES // search.WITH_RESTART * (not restarts)
            self.examples = tried
            self.broken = Broken("a message", "none") if failed else None

        def shortens(self) -> None:
            assert failed

        def replays(self) -> Iterator[tuple[Steps, Broken]]:
            return ((each, Broken("1", f"{len(each)}")) for each in again)

    monkeypatch.setattr(search, "Search", Searched)


def test_the_fewest_steps_that_fail_again_are_reported(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> None:
    searched(monkeypatch, failed=True, again=(SHORT, LONG))
    found = search.differs(bench, EXAMPLES)
    assert found is not None
    assert found.seen == "1"
    assert bench.details == {"steps": as_test(SHORT)}


def test_what_does_not_fail_again_is_not_judged(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> None:
    searched(monkeypatch, tried=7, failed=True)
    with pytest.raises(
        NotJudged, match="example 7 failed once, and not again: expected a message; seen: none"
    ):
        search.differs(bench, EXAMPLES)
    assert not bench.details


def test_fewer_examples_than_asked_for_are_no_pass(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> None:
    searched(monkeypatch, tried=EXAMPLES - 1)
    with pytest.raises(NotJudged, match="only 29 of 30 examples"):
        search.differs(bench, EXAMPLES)
    searched(monkeypatch)
    assert search.differs(bench, EXAMPLES) is None
