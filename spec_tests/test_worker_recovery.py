"""Recovery: what a worker does when the broker goes away, or takes its subscription from it.

The broker is stopped and killed here, so these clauses share a broker of their own, and one end of it each.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.broker_settings import acknowledgement_timeout
from workqueue_spec.bench.parties import LONGEST_DELAY, Worker
from workqueue_spec.broker import Broker
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.connecting import as_at_first, attempts, came_back
from workqueue_spec.judgement.verdicts.dispatch import holds_at_most
from workqueue_spec.judgement.verdicts.leaving import ended_as_a_failure
from workqueue_spec.judgement.verdicts.retrying import no_hot_loop
from workqueue_spec.judgement.verdicts.settlement import acknowledged_after, acknowledges_by_hand
from workqueue_spec.plugin.fixtures import MakeBench
from workqueue_spec.specification.clauses import clause, must, production, worker

from .sources import CONNECTIONS, CONSUMERS, TIMEOUT

pytestmark = pytest.mark.own_broker


ENDINGS: dict[str, Callable[[Broker], None]] = {
    "graceful restart": lambda broker: broker.stop(),
    "SIGKILL": lambda broker: broker.kill(),
}


@dataclass
class Post:
    """A worker at its queue, which the broker left for a while."""

    bench: Bench
    worker: Worker
    task: Task | None
    """What it had in hand, if it had something."""
    left_at: float
    """When the broker was gone, and with it every connection that the worker had."""


Posts = dict[str, Post]


@pytest.fixture(scope="module")
def benches(own_broker: Broker, new_bench: MakeBench) -> Iterator[dict[str, Bench]]:
    """Two queues for the chapter: an idle worker's and a busy one's."""
    with new_bench(own_broker, "idle") as idle, new_bench(own_broker, "busy") as busy:
        yield {"idle": idle, "busy": busy}


@pytest.fixture(scope="module", params=ENDINGS)
def posts(benches: dict[str, Bench], own_broker: Broker, request: pytest.FixtureRequest) -> Iterator[Posts]:
    """An idle worker and a busy one, and then the broker's end and return.

    Their taps go on listening, and reset whoever comes while there is no broker, so that each attempt is seen.
    """
    workers = {state: bench.start_worker() for state, bench in benches.items()}
    for state, bench in benches.items():
        workers[state].finishes(bench.send())
    task = benches["busy"].send(dots=benches["busy"].subject.dots(1.0))
    workers["busy"].receives(task)

    ENDINGS[request.param](own_broker)
    left_at = {state: each.loses_its_connections() for state, each in workers.items()}
    own_broker.start()

    yield {
        state: Post(bench, workers[state], task if state == "busy" else None, left_at[state])
        for state, bench in benches.items()
    }
    for each in workers.values():
        each.kill()


@clause(
    "W15",
    "comes-back-after-a-restart",
    production,
    must,
    owed_by=worker,
    source=CONNECTIONS,
    presumes=("B31",),
)
@pytest.mark.parametrize("state", ["idle", "busy"])
def test_the_worker_comes_back_after_a_restart(posts: Posts, state: str) -> None:
    """After the broker was restarted, or killed and started, a worker comes back by itself, with a delay
    between its attempts that leaves a broker in peace that is coming up; and then it works on.

    One worker was idle, and one had a task in hand, which it must finish then; that one loses its connection
    once more, and must come back as before. Growing delays are best; what is judged is that there is no hot loop:
    no more than ten attempts within a second.
    """
    post = posts[state]

    judge(came_back(post.worker.comes_back(post.left_at, LONGEST_DELAY), post.worker.who))

    tries = attempts(post.bench.history.events, post.worker.who, post.left_at)
    judge(no_hot_loop(tries, "connect"))
    if post.task is not None:
        post.worker.finishes(post.task)
    post.worker.finishes(post.bench.send())

    if state == "busy":
        lost_at = post.bench.history.now
        post.worker.tap.cut()
        judge(came_back(post.worker.comes_back(lost_at, LONGEST_DELAY), post.worker.who))
        post.worker.finishes(post.bench.send())


@clause(
    "W16", "back-as-at-first", production, must, owed_by=worker, source=CONSUMERS, presumes=("B12", "B31")
)
def test_the_worker_is_back_as_at_first(posts: Posts, bench: Bench) -> None:
    """Back again after a lost connection, a worker declares the queue, limits what it holds to one task, and
    takes tasks, all as at first.

    After the broker's return several tasks wait, and the worker may hold one of them at a time, acknowledges it
    after the work, and has its heartbeats as before. Another worker loses its connection when the queue is gone
    too: where it declared it at first, it must do so again, with the same properties, and finish a task.
    """
    post = posts["idle"]
    _connects_again(post.worker, post.left_at)
    if not post.worker.comes_back(post.left_at, LONGEST_DELAY):
        raise NotJudged("the worker does not come back (W15)")
    for task in [post.bench.send(dots=1) for _ in range(4)]:
        judge(acknowledged_after(post.worker.finishes(task), post.bench.subject.seconds_per_dot))
    judge(holds_at_most(1, post.worker.ledger.deliveries))
    judge(acknowledges_by_hand(post.worker.ledger))
    judge(as_at_first(post.worker.ledger, post.bench.subject.queue))

    somebody, other = bench.connect(), bench.start_worker()
    other.finishes(bench.send())
    if all(each.passive for each in other.ledger.declarations):
        return
    with bench.broker_unreachable():
        other.tap.cut()
        deleted_at = somebody.deletes(bench.subject.queue)
    _connects_again(other, deleted_at)
    judge(came_back(other.comes_back(deleted_at), other.who))
    bench.queue_becomes(ready=0)
    other.finishes(bench.send())
    judge(as_at_first(other.ledger, bench.subject.queue))


def _connects_again(worker: Worker, lost_at: float) -> None:
    if not worker.connects_again(lost_at, LONGEST_DELAY):
        raise NotJudged("the worker does not connect again (W15)")


@clause(
    "W13",
    "survives-an-acknowledgement-timeout",
    production,
    must,
    owed_by=worker,
    source=TIMEOUT,
    presumes=("B30",),
)
def test_an_acknowledgement_timeout_is_survived(bench: Bench) -> None:
    """When the broker ends a subscription because a task is not acknowledged in time (406 or basic.cancel), the
    worker recovers, or exits with a status other than 0.

    The broker allows one second instead of thirty minutes, and a task takes three. If the worker goes on, it
    must take tasks again and finish a new one.
    """
    with acknowledgement_timeout(bench.broker, milliseconds=1000):
        worker = bench.start_worker()
        worker.finishes(bench.send())
        task = bench.send(dots=bench.subject.dots(3.0))
        worker.receives(task)
        timed_out_at = worker.loses_its_subscription()
    if timed_out_at is None:
        raise NotJudged("the broker lets a consumer take its time, on queues of this type")

    if worker.comes_back(timed_out_at):
        worker.finishes(bench.send())
    else:
        judge(ended_as_a_failure(worker.exit_status()))
