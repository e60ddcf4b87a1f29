"""Whether a worker is idle while it has nothing to do."""

import pytest

from workqueue_spec.judgement.verdicts.idling import CpuTime, is_idle


@pytest.mark.parametrize(
    ("measured", "holds"),
    [
        ([(0.02, 1.0)], True),
        ([(0.99, 1.0)], False),
        ([(0.12, 1.0)] * 10, False),
        ([(1.80, 1.0), (0.60, 1.0), (0.03, 1.0)], True),
        ([(0.14, 0.15)], False),
        ([(0.04, 0.08)], True),
    ],
    ids=[
        "it looks for a signal now and then",
        "a busy loop",
        "polling",
        "it compiles at first",
        "a busy loop on a busy machine",
        "idle on a busy machine",
    ],
)
def test_a_worker_is_idle(measured: list[tuple[float, float]], holds: bool) -> None:
    assert bool(is_idle([CpuTime(*each) for each in measured])) is holds


def test_what_was_not_measured_is_not_idle() -> None:
    assert not is_idle([])


def test_a_busy_worker_is_shown_by_its_quietest_time() -> None:
    verdict = is_idle([CpuTime(1.0, 1.0), CpuTime(0.9, 0.8)])
    assert verdict.seen == ("CPU time: 90% of a core at least, in 2 measurements; a busy loop got 80%")
