"""The cluster: a broker of three nodes, while nodes end, go silent or lose each other.

A program knows one address, and connects to another node if its own does not answer. What the broker has confirmed,
a majority of the nodes has: no fault of one node may lose it.
"""

from collections.abc import Sequence
from functools import partial

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.node_faults import NODE_FAULTS, FaultyCluster, lasts
from workqueue_spec.bench.parties import LONGEST_DELAY, ProducerRun, Request
from workqueue_spec.bench.supervisor import Supervisor
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import Verdict
from workqueue_spec.judgement.verdicts.connecting import none_lost
from workqueue_spec.judgement.verdicts.reporting import success_is_credible
from workqueue_spec.specification.clauses import Role, clause, must, production, system

from .sources import QUORUM

pytestmark = pytest.mark.own_broker

_MOST_AT_WORK = 8
"""The most tasks at work for which tasks are sent before each fault: more tasks would only take time."""

_KEPT_FOR_ITS_CONSUMER = 60.0
"""Seconds for which a quorum queue of RabbitMQ 4.3 keeps what a consumer held whose node was lost."""


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
def test_no_task_is_lost_in_a_cluster(bench: Bench, pytestconfig: pytest.Config) -> None:
    """Every task that was confirmed is finished at least once in a cluster of three nodes, even if a node is
    killed, stopped or paused, all nodes are restarted one after another, or nodes lose each other.

    Two workers run, and each is replaced when it ends. The suite sends tasks before each fault. If there is a
    producer, one runs when the fault begins, and another one is started during the fault. The nodes lose each other
    in four ways: in two halves, one node alone, the leader of the queue alone, and so that each node sees a
    majority and none the same as another. A task of a producer counts, and a task is finished, as in S02.
    """
    supervisor, cluster = Supervisor(bench, size=2), FaultyCluster(bench)
    number_of_tasks = 3 * min(bench.subject.concurrency, _MOST_AT_WORK)
    has_producer = Role.PRODUCER in bench.subject.roles
    tasks: list[Task] = []

    def seconds_of(task: Task) -> float:
        return task.dots * bench.subject.seconds_per_dot

    def lost_none() -> Verdict:
        return none_lost(bench.ledger.deliveries, {task.mark: seconds_of(task) for task in tasks})

    def is_done(runs: Sequence[ProducerRun | Request]) -> bool:
        return bool(lost_none()) and all(run.status is not None for run in runs)

    for number, fault in enumerate(cluster.faults(), 1):
        tasks += [bench.send(dots=bench.random.randint(1, 3)) for _ in range(number_of_tasks)]
        own = [bench.task(dots=1) for _ in range(2 * has_producer)]
        runs = [bench.produce(*task.text.split()) for task in own[:1]]
        with cluster.suffering(fault):
            runs += [bench.produce(*task.text.split()) for task in own[1:]]
            lasts(bench, supervisor, partial(is_done, runs))
        for task, run in zip(own, runs, strict=True):
            if success_is_credible(run.ends_in_time(), run.ledger.publications):
                tasks.append(task)
        if number >= len(NODE_FAULTS) and bench.history.now > pytestconfig.option.chaos_seconds:
            break

    supervisor.eventually(lost_none, LONGEST_DELAY + _KEPT_FOR_ITS_CONSUMER + sum(map(seconds_of, tasks)))
