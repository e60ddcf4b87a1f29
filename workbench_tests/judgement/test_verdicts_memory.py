"""Whether a worker's memory grows by its tasks."""

import pytest

from workqueue_spec.judgement.verdicts.memory import gives_memory_back

MB = 1_000_000


@pytest.mark.parametrize(
    ("used", "holds"),
    [
        ([8], False),
        ([6], True),
        ([8, 16, 24, 32], False),
        ([9, 18, 20, 20], True),
        ([12, 24, 26, 34], False),
        ([24, 24, 31, 38], False),
        ([16, 32, 48, 0], True),
        ([0], True),
    ],
    ids=[
        "all is kept",
        "three quarters are kept",
        "all is kept all the time",
        "it stops growing",
        "it collects other garbage once",
        "it has grown by more at first",
        "it collects all garbage late",
        "nothing is kept",
    ],
)
def test_memory_is_given_back(used: list[int], holds: bool) -> None:
    measured = [(8 * MB * number, (50 + each) * MB) for number, each in enumerate(used, 1)]
    assert bool(gives_memory_back(50 * MB, measured)) is holds


def test_without_a_measurement_nothing_was_given_back() -> None:
    assert not gives_memory_back(50 * MB, [])
