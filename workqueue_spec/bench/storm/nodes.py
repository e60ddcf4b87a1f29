"""What happens to the nodes of a cluster in a storm: a node ends or goes silent, or nodes lose each other.

One node suffers at a time, so two are left; only in the ring of majorities, RabbitMQ itself stops two nodes until
they see each other again. What was confirmed must be kept all the time. It is delivered at the latest when all is
over.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager

from ...broker import ClusterBroker
from ...judgement.verdicts import NotJudged
from ..bench import Bench
from .schedule import Fault, FaultKind

Order = Sequence[int]
"""The numbers of the nodes: the one that leads the queue, and then the others as they were drawn."""


@contextmanager
def _killed(cluster: ClusterBroker, node: int) -> Iterator[None]:
    cluster.kill_node(node)
    yield
    cluster.start_node(node)


@contextmanager
def _stopped(cluster: ClusterBroker, node: int) -> Iterator[None]:
    cluster.stop_node(node)
    yield
    cluster.start_node(node)


@contextmanager
def _restarted_one_by_one(cluster: ClusterBroker, nodes: Order) -> Iterator[None]:
    for node in nodes:
        cluster.stop_node(node)
        cluster.start_node(node)
    yield


@contextmanager
def _paused(cluster: ClusterBroker, node: int) -> Iterator[None]:
    cluster.pause_node(node)
    yield
    cluster.resume_node(node)


@contextmanager
def _parted(cluster: ClusterBroker, some: Order, others: Order) -> Iterator[None]:
    cluster.part(itertools.product(some, others))
    yield
    cluster.heal()


_FAULTS: Mapping[FaultKind, Callable[[ClusterBroker, Order], AbstractContextManager[None]]] = {
    FaultKind.LEADER_KILLED: lambda cluster, order: _killed(cluster, order[0]),
    FaultKind.NODE_KILLED: lambda cluster, order: _killed(cluster, order[1]),
    FaultKind.LEADER_STOPPED: lambda cluster, order: _stopped(cluster, order[0]),
    FaultKind.NODES_RESTARTED: _restarted_one_by_one,
    FaultKind.LEADER_PAUSED: lambda cluster, order: _paused(cluster, order[0]),
    FaultKind.HALVES: lambda cluster, order: _parted(cluster, order[2:], order[:2]),
    FaultKind.NODE_ALONE: lambda cluster, order: _parted(cluster, order[1:2], order[::2]),
    FaultKind.RING: lambda cluster, order: _parted(cluster, order[:1], order[1:2]),
    FaultKind.LEADER_ALONE: lambda cluster, order: _parted(cluster, order[:1], order[1:]),
}


def strike_nodes(fault: Fault, bench: Bench) -> None:
    """Makes a fault of the cluster's nodes. Returns when it is over and the cluster is complete again.

    Raises NotJudged if the broker is no cluster of ours.
    """
    cluster = bench.broker
    if not isinstance(cluster, ClusterBroker):
        raise NotJudged("it takes a cluster whose nodes may be killed; give --broker cluster")
    leader = cluster.leader(bench.control.virtual_host, bench.subject.queue)
    order = bench.random.sample(range(len(cluster.nodes)), len(cluster.nodes))
    order.sort(key=lambda node: node != leader)
    bench.history.add("broker", "disturbed", str(fault.kind))
    with _FAULTS[fault.kind](cluster, order):
        bench.history.wait(lambda _: False, fault.seconds)
    bench.history.add("broker", "whole")
