"""What happens to the nodes of a cluster while programs use it: a node ends or goes silent, or nodes lose each
other.

Of three nodes, one is always left that leads the queue or can take the lead; only in the ring, RabbitMQ itself
stops two of them until they see each other again. So what was confirmed must be kept, and is delivered at the
latest when the fault has ended.
"""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager

from ..broker import ClusterBroker
from ..judgement.verdicts import NotJudged
from ..timeouts import POLL
from .bench import Bench
from .supervisor import Supervisor

LASTS = 8.0
"""Seconds after which a fault ends, if the tasks are not done before. It is longer than the 5 to 6 s after which a
node of our cluster takes a silent one for lost."""

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


NODE_FAULTS: Mapping[str, Callable[[ClusterBroker, Order], AbstractContextManager[None]]] = {
    "the leader's node is killed": lambda cluster, order: _killed(cluster, order[0]),
    "another node is killed": lambda cluster, order: _killed(cluster, order[1]),
    "the leader's node is stopped": lambda cluster, order: _stopped(cluster, order[0]),
    "all nodes are restarted, one after another": _restarted_one_by_one,
    "the leader's node is paused": lambda cluster, order: _paused(cluster, order[0]),
    "the nodes are parted in two halves": lambda cluster, order: _parted(cluster, order[2:], order[:2]),
    "one node is alone, and not the leader's": lambda cluster, order: _parted(
        cluster, order[1:2], order[::2]
    ),
    "each node sees a majority, and none the same as another": (
        lambda cluster, order: _parted(cluster, order[:1], order[1:2])
    ),
    "the leader's node is alone": lambda cluster, order: _parted(cluster, order[:1], order[1:]),
}
"""The faults, by what they are called in the history."""


class FaultyCluster:
    """The cluster of a bench, whose nodes suffer one fault at a time."""

    def __init__(self, bench: Bench) -> None:
        """Raises NotJudged if the broker is no cluster of ours."""
        if not isinstance(bench.broker, ClusterBroker):
            raise NotJudged("it takes a cluster whose nodes may be killed; give --broker cluster")
        self._bench = bench
        self._cluster = bench.broker

    def faults(self) -> Iterator[str]:
        """Each fault once, in an order that the seed draws, and then faults without end."""
        names = list(NODE_FAULTS)
        yield from self._bench.random.sample(names, len(names))
        while True:
            yield self._bench.random.choice(names)

    @contextmanager
    def suffering(self, fault: str) -> Iterator[None]:
        """The fault lasts as long as the block. After it the cluster is complete again."""
        bench = self._bench
        numbers = range(len(self._cluster.nodes))
        leader = self._cluster.leader(bench.control.virtual_host, bench.subject.queue)
        order = bench.random.sample(numbers, len(numbers))
        order.sort(key=lambda node: node != leader)
        bench.history.add("broker", "disturbed", fault)
        with NODE_FAULTS[fault](self._cluster, order):
            yield
        bench.history.add("broker", "whole")


def lasts(bench: Bench, supervisor: Supervisor, is_over: Callable[[], bool]) -> None:
    """Waits until it is over, or for `LASTS` seconds, and replaces workers that end meanwhile."""
    deadline = time.monotonic() + LASTS
    while not is_over() and time.monotonic() < deadline:
        supervisor.replaces_ended_workers()
        bench.history.wait(lambda _: is_over(), 10 * POLL)
