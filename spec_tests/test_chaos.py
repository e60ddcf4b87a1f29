"""Chaos: the whole system, while everything that can fail does fail.

Each promise of a broker, a producer and a worker has its own clause elsewhere. Here all promises are tested
together: a task that was reported to be in the queue is done in the end, whatever happened in between.
"""

import itertools
from collections.abc import Callable, Iterator

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.parties import LONGEST_DELAY
from workqueue_spec.bench.supervisor import Supervisor
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts.connecting import none_lost
from workqueue_spec.judgement.verdicts.reporting import success_is_credible
from workqueue_spec.specification.clauses import Role, clause, must, production, system

from .sources import RELIABILITY

pytestmark = pytest.mark.own_broker

Fault = Callable[[Bench, Supervisor], None]

SMALL: dict[str, Fault] = {
    "a worker is killed": lambda bench, supervisor: supervisor.any_worker().kill(),
    "a worker is cut off": lambda bench, supervisor: supervisor.any_worker().tap.cut(),
    "a worker's connection is reset": lambda bench, supervisor: supervisor.any_worker().tap.cut(reset=True),
}
GREAT: list[Fault] = [
    lambda bench, supervisor: bench.restart_application(),
    lambda bench, supervisor: bench.kill_broker(),
]


def faults(bench: Bench) -> Iterator[Fault]:
    """The faults in their order: each small fault once, a restart of the broker, each small fault once more, a
    SIGKILL of the broker, and then small faults without end.
    """
    small = list(SMALL.values())
    for great in GREAT:
        yield from bench.random.sample(small, len(small))
        yield great
    for _ in itertools.count():
        yield bench.random.choice(small)


_MOST_AT_WORK = 8
"""The most tasks at work for which tasks are sent before each fault: more tasks would only take time."""


@clause(
    "S02",
    "no-task-is-lost",
    production,
    must,
    owed_by=system,
    source=RELIABILITY,
    presumes=("B18", "B31", "B34", "B35"),
)
def test_no_task_is_lost(bench: Bench, pytestconfig: pytest.Config) -> None:
    """Every task that was confirmed is finished at least once, even if workers are killed, connections are cut,
    and the broker is restarted and killed.

    Two workers run, and each is replaced when it ends. The suite sends tasks between the faults. If there is a
    producer, it runs while a fault is made. Its task counts if the producer reports success with the broker's
    confirm, or without having published anything. A task is finished if it is acknowledged no sooner than its work
    takes, counted from its first delivery to that worker.
    """
    supervisor = Supervisor(bench, size=2)
    number_of_tasks = 3 * min(bench.subject.concurrency, _MOST_AT_WORK)
    tasks: list[Task] = []
    for number, fault in enumerate(faults(bench), 1):
        tasks += [bench.send(dots=bench.random.randint(1, 3)) for _ in range(number_of_tasks)]
        own = bench.task(dots=1)
        run = bench.produce(*own.text.split()) if Role.PRODUCER in bench.subject.roles else None
        fault(bench, supervisor)
        supervisor.replaces_ended_workers()
        if run is not None and success_is_credible(run.ends_in_time(), run.ledger.publications):
            tasks.append(own)
        if bench.history.now > pytestconfig.option.chaos_seconds and number >= len(GREAT) * (len(SMALL) + 1):
            break

    work = {task.mark: task.dots * bench.subject.seconds_per_dot for task in tasks}
    supervisor.eventually(
        lambda: none_lost(bench.ledger.deliveries, work), LONGEST_DELAY + sum(work.values())
    )
