"""What a storm does to the nodes of a cluster: which node suffers, and which nodes lose each other."""

from typing import Any
from unittest.mock import MagicMock

import pytest

from workqueue_spec.bench.storm.nodes import _FAULTS, strike_nodes
from workqueue_spec.bench.storm.schedule import (
    OF_NODES,
    OF_PRODUCERS,
    OF_THE_WHOLE_BROKER,
    OF_WORKERS,
    Fault,
    FaultKind,
)
from workqueue_spec.judgement.verdicts import NotJudged

ORDER = (2, 0, 1)
"""Node 2 leads the queue."""


def done_by(kind: FaultKind) -> list[tuple[Any, ...]]:
    """What is done to the cluster, in order; `over` is when the fault ends."""
    cluster, done = MagicMock(), []

    def noting(name: str) -> Any:
        def note(*given: Any) -> None:
            done.append(
                (name, *(sorted(tuple(sorted(pair)) for pair in given[0]) if name == "part" else given))
            )

        return note

    for name in ("kill_node", "stop_node", "start_node", "pause_node", "resume_node", "part", "heal"):
        getattr(cluster, name).side_effect = noting(name)
    with _FAULTS[kind](cluster, ORDER):
        done.append(("over",))
    return done


@pytest.mark.parametrize(
    ("kind", "done"),
    [
        (FaultKind.LEADER_KILLED, [("kill_node", 2), ("over",), ("start_node", 2)]),
        (FaultKind.NODE_KILLED, [("kill_node", 0), ("over",), ("start_node", 0)]),
        (FaultKind.LEADER_STOPPED, [("stop_node", 2), ("over",), ("start_node", 2)]),
        (FaultKind.LEADER_PAUSED, [("pause_node", 2), ("over",), ("resume_node", 2)]),
        (
            FaultKind.NODES_RESTARTED,
            [*((what, node) for node in ORDER for what in ("stop_node", "start_node")), ("over",)],
        ),
        (FaultKind.HALVES, [("part", (0, 1), (1, 2)), ("over",), ("heal",)]),
        (FaultKind.NODE_ALONE, [("part", (0, 1), (0, 2)), ("over",), ("heal",)]),
        (FaultKind.LEADER_ALONE, [("part", (0, 2), (1, 2)), ("over",), ("heal",)]),
        (FaultKind.RING, [("part", (0, 2)), ("over",), ("heal",)]),
    ],
)
def test_each_fault_strikes_its_nodes_and_mends_them(kind: FaultKind, done: list[tuple[Any, ...]]) -> None:
    assert done_by(kind) == done


def test_each_kind_strikes_somebody() -> None:
    assert set(_FAULTS) == OF_NODES
    groups = [OF_WORKERS, OF_PRODUCERS, OF_THE_WHOLE_BROKER, OF_NODES]
    assert sum(map(len, groups)) == len(frozenset().union(*groups)) == len(FaultKind)


def test_another_broker_has_no_nodes_to_strike() -> None:
    with pytest.raises(NotJudged, match="give --broker cluster"):
        strike_nodes(Fault(1, FaultKind.RING, 0.0), MagicMock())
