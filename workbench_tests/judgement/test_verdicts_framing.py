"""How large the frames of a program are."""

import pytest
from pamqp import commands

from workqueue_spec.judgement.verdicts.framing import FrameSizes, keeps_to_frame_max, large_enough_frame_max

from .wire import Script


@pytest.mark.parametrize(
    ("sizes", "holds"),
    [
        (FrameSizes(8192, 8192, 8192), True),
        (FrameSizes(8192, 8192, 8200), True),
        (FrameSizes(8192, 8192, 8201), False),
        (FrameSizes(8192, 4096, 4096), True),
        (FrameSizes(8192, 4096, 8192), False),
        (FrameSizes(8192, 0, 8192), True),
        (FrameSizes(8192, 0, 20_000), False),
        (FrameSizes(8192, 131_072, 100), False),
        (FrameSizes(8192, None, 0), False),
    ],
)
def test_frames_are_within_what_was_offered_and_agreed(sizes: FrameSizes, holds: bool) -> None:
    assert bool(keeps_to_frame_max([sizes])) is holds


def test_a_connection_that_agreed_to_nothing_counts_for_nothing() -> None:
    assert not keeps_to_frame_max([])
    kept = FrameSizes(8192, 8192, 8192)
    assert keeps_to_frame_max([FrameSizes(8192), kept])
    assert not keeps_to_frame_max([kept, FrameSizes(8192, 8192, 9000)])


def tuned(offered: int, *answers: int) -> Script:
    script = Script()
    for number, answer in enumerate(answers, 1):
        script.client(commands.Connection.StartOk({}, "PLAIN", "", "en_US"), connection=number)
        script.broker(commands.Connection.Tune(0, offered, 0), connection=number)
        script.client(commands.Connection.TuneOk(0, answer, 0), connection=number)
    return script


@pytest.mark.parametrize(
    ("offered", "answers", "holds"),
    [
        (131_072, [8192], True),
        (131_072, [131_072, 16_384], True),
        (131_072, [131_072, 4096], False),
        (131_072, [8191], False),
        (0, [0], True),
        (0, [4096], False),
        (4096, [4096], True),
        (131_072, [], False),
    ],
)
def test_a_frame_max_of_8192_is_enough(offered: int, answers: list[int], holds: bool) -> None:
    assert bool(large_enough_frame_max(tuned(offered, *answers).ledger)) is holds
