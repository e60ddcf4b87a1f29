"""A task that is confirmed is finished on a cluster, while nodes end, go silent or lose each other.

A program knows one address, and connects to another node if its own does not answer. What the broker has confirmed,
a majority of the nodes has: no fault of one node may lose it.
"""

import pytest

from workqueue_spec.bench.storm import Storm
from workqueue_spec.judgement.verdicts import judge
from workqueue_spec.specification.clauses import clause, must, production, system

from .sources import QUORUM

pytestmark = pytest.mark.own_broker


@clause(
    "S03",
    "no-task-is-lost-in-a-cluster",
    production,
    must,
    owed_by=system,
    source=QUORUM,
    presumes=("B18", "B31", "B35"),
    for_clusters=True,
)
def test_no_task_is_lost_in_a_cluster(storm: Storm) -> None:
    """Every task that was confirmed is finished at least once in a cluster of three nodes, even if a node is
    killed, stopped or paused, all nodes are restarted one after another, or nodes lose each other.

    It is the storm of S02 on a cluster. Workers and producers suffer the same faults. In place of the whole broker,
    single nodes suffer: the leader's node or another one is killed, and started again later; the leader's node is
    stopped, or paused; all nodes are restarted, one after another; nothing passes between two halves, one node and
    the others, the leader's node and the others, or two nodes that both see the third. Two runs of the producer, if
    there is one, are under way when such a fault begins. The programs reach a node that answers. What counts, and
    what is finished, is as in S02.
    """
    storm.rages()
    storm.drains()
    judge(storm.verdict)
