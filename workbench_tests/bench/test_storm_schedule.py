"""The schedule of a storm is drawn by the seed alone, and leaves nothing out."""

import itertools
import random

import pytest

from workqueue_spec.bench.storm.schedule import OF_PRODUCERS, OF_WORKERS, Fault, FaultKind, schedule
from workqueue_spec.judgement.storm import fault_in

ALL = list(FaultKind)


def planned(seed: int, seconds: float = 10.0) -> tuple[Fault, ...]:
    return schedule(random.Random(seed), seconds, ALL, workers=2)


def test_the_same_seed_plans_the_same() -> None:
    assert planned(1) == planned(1)
    assert planned(1) != planned(2)


@pytest.mark.parametrize(("seconds", "rounds"), [(0.0, 1), (10.0, 1), (60.0, 4), (1800.0, 120)])
def test_each_kind_strikes_once_in_each_round(seconds: float, rounds: int) -> None:
    faults = planned(3, seconds)
    assert [sum(each.kind is kind for each in faults) for kind in ALL] == [rounds] * len(ALL)
    assert [each.number for each in faults] == list(range(1, len(faults) + 1))
    assert [each.at for each in faults] == sorted(each.at for each in faults)


@pytest.mark.parametrize("seed", range(20))
def test_nothing_strikes_while_a_worker_is_stopped(seed: int) -> None:
    faults = planned(seed, 60.0)
    for each, after in itertools.pairwise(faults):
        if each.kind is FaultKind.STOPPED:
            assert after.at >= each.at + each.seconds > each.at


def test_whom_a_fault_strikes() -> None:
    for each in planned(5, 60.0):
        assert (each.place in (0, 1)) is (each.kind in OF_WORKERS)
        target = each.as_data()["target"]
        kinds = {"worker": each.kind in OF_WORKERS, "producer": each.kind in OF_PRODUCERS}
        assert kinds.get(target.split()[0], not any(kinds.values()))


def test_a_kind_that_cannot_be_made_here_is_left_out() -> None:
    faults = schedule(random.Random(1), 10.0, [FaultKind.KILLED], workers=2)
    assert [each.kind for each in faults] == [FaultKind.KILLED]
    assert schedule(random.Random(1), 10.0, [], workers=2) == ()


@pytest.mark.parametrize("fault", planned(7), ids=lambda each: str(each.kind))
def test_the_history_says_which_fault_it_was(fault: Fault) -> None:
    found = fault_in(fault.text)
    assert (found.number, found.kind) == (fault.number, str(fault.kind))
    assert found.seconds == pytest.approx(fault.seconds, abs=0.06)
