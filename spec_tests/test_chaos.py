"""Chaos: the whole system, while everything that can fail does fail.

Each promise of a broker, a producer and a worker has its own clause elsewhere. Here all promises are tested
together, in a storm: a task that was reported to be in the queue is done in the end, whatever happened in between.
"""

import pytest

from workqueue_spec.bench.storm import Storm
from workqueue_spec.judgement.verdicts import judge
from workqueue_spec.specification.clauses import clause, must, production, system

from .sources import RELIABILITY

pytestmark = pytest.mark.own_broker


@clause(
    "S02",
    "no-task-is-lost",
    production,
    must,
    owed_by=system,
    source=RELIABILITY,
    presumes=("B18", "B31", "B34", "B35"),
)
def test_no_task_is_lost(storm: Storm) -> None:
    """Every task that was confirmed is finished at least once, even if workers are killed, connections are cut,
    and the broker is restarted and killed.

    Two workers run, and each is replaced when it ends. The suite keeps the queue filled, and runs of the producer,
    if there is one, publish one task each. A schedule of faults strikes them: a worker is killed, told to stop, or
    stopped for a while; its connection is cut, reset, silent, delayed or slowed; a producer does not get the
    confirm; the broker is restarted, killed, or out of memory. Then no more faults are made, and all must be done
    in time.

    A task counts if its sender got the broker's confirm, or if the producer reports success without having
    published anything. A task is finished if it is acknowledged no sooner than its work takes, counted from its
    first delivery to that worker. In the end the queue is empty. No message is worked on that nobody has sent. If a
    task is finished twice, the broker has marked its delivery as redelivered, unless the broker went away in
    between.
    """
    storm.rages()
    storm.drains()
    judge(storm.verdict)
