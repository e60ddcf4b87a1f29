"""Recovery: what a worker does when the broker goes away, or ends its subscription.

The broker is stopped and killed here. So the tests of these clauses have a broker of their own, and they share
one restart and one kill of it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.broker_settings import acknowledgement_timeout
from workqueue_spec.bench.parties import LONGEST_DELAY, Worker
from workqueue_spec.broker import Broker
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import Broken, NotJudged, judge
from workqueue_spec.judgement.verdicts.connecting import (
    connection_attempts,
    reconnected,
    same_on_every_connection,
)
from workqueue_spec.judgement.verdicts.dispatch import holds_again, holds_at_most, most_held
from workqueue_spec.judgement.verdicts.leaving import ended_as_a_failure
from workqueue_spec.judgement.verdicts.retrying import no_hot_loop
from workqueue_spec.judgement.verdicts.settlement import acknowledged_after, acknowledges_by_hand
from workqueue_spec.plugin.fixtures import MakeBench
from workqueue_spec.specification.clauses import clause, must, production, worker

from .sources import CONNECTIONS, CONSUMERS, TIMEOUT

pytestmark = pytest.mark.own_broker


ENDINGS: dict[str, tuple[Callable[[Broker], None], Callable[[Broker], None]]] = {
    "graceful restart": (
        lambda broker: broker.stop_application(),
        lambda broker: broker.start_application(),
    ),
    "SIGKILL": (lambda broker: broker.kill(), lambda broker: broker.start()),
}
"""How the broker goes away, and how it comes back. RabbitMQ is restarted gracefully within its node: a program sees
the same as if the node was restarted. What the broker keeps is judged in the chapter of durability."""

_OUTLASTS = 3.0
"""Seconds of the tasks amid which a connection is lost. Most workers are back sooner."""
_TURNS = 3
"""How often a worker that is back gets as many tasks as fill it, until it holds as many as before."""


@dataclass
class Case:
    """A worker at its queue, which the broker left for a while."""

    bench: Bench
    worker: Worker
    tasks: list[Task]
    """What it had in hand, if it had something."""
    lost_at: float
    """When the broker was gone, and with it every connection that the worker had."""
    back_at: float
    """When the broker was there again."""
    ending: str
    """How the broker went away."""
    lived_on: list[str]
    """How it went away when a worker neither came back nor ended; the list of the whole chapter."""

    def comes_back(self) -> bool:
        """Waits until the worker takes tasks again, or has ended; returns whether it takes tasks. Raises Broken if
        it does neither in time, which counts from the broker's return, whoever asked before. Raises NotJudged
        without a wait if a worker did neither when the broker had gone in another way.
        """
        if self.lived_on and self.ending not in self.lived_on:
            raise NotJudged(
                f"after a {self.lived_on[0]} a worker lived on without the broker (W15), so nobody waits again"
            )
        try:
            return self.worker.comes_back(self.lost_at, LONGEST_DELAY, since=self.back_at)
        except Broken:
            self.lived_on.append(self.ending)
            raise


Cases = dict[str, Case]


@pytest.fixture(scope="module")
def benches(own_broker: Broker, new_bench: MakeBench) -> Iterator[dict[str, Bench]]:
    """Two queues for the chapter: one for an idle worker, one for a busy worker."""
    idle = new_bench(own_broker, "idle", any_queue=True)
    busy = new_bench(own_broker, "busy", any_queue=True)
    with idle as of_idle, busy as of_busy:
        yield {"idle": of_idle, "busy": of_busy}


@pytest.fixture(scope="module")
def lived_on() -> list[str]:
    """How the broker went away when a worker neither came back nor ended."""
    return []


@pytest.fixture(scope="module", params=ENDINGS)
def cases(
    benches: dict[str, Bench], own_broker: Broker, lived_on: list[str], request: pytest.FixtureRequest
) -> Iterator[Cases]:
    """An idle worker and a busy one, and then the broker's end and return.

    Their taps go on listening, and reset whoever comes while there is no broker, so that each attempt is seen.
    """
    workers = {state: bench.start_worker() for state, bench in benches.items()}
    for state, bench in benches.items():
        workers[state].finishes(bench.send())
    tasks = benches["busy"].send_handful(benches["busy"].subject.dots(1.0))
    workers["busy"].fills_up(tasks)

    go_away, come_back = ENDINGS[request.param]
    go_away(own_broker)
    lost_at = {state: each.loses_its_connections() for state, each in workers.items()}
    come_back(own_broker)
    back_at = {state: bench.history.now for state, bench in benches.items()}

    yield {
        state: Case(
            bench,
            workers[state],
            tasks if state == "busy" else [],
            lost_at=lost_at[state],
            back_at=back_at[state],
            ending=request.param,
            lived_on=lived_on,
        )
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
    presumes=("B31", "B35"),
)
@pytest.mark.parametrize("state", ["idle", "busy"])
def test_the_worker_comes_back_after_a_restart(cases: Cases, state: str) -> None:
    """After the broker was restarted, or killed and started, a worker comes back by itself and works on. It
    leaves a delay between its attempts to connect, so that it does not disturb a broker that is starting up.

    One worker was idle. Another had a task in hand, or as many as fill it, which it must finish then; this worker
    loses its connection once more, and must come back as before. Growing delays are best, but only a hot loop is
    a failure: at most ten attempts within a second are allowed.
    """
    case = cases[state]

    judge(reconnected(case.comes_back(), case.worker.name))

    tries = connection_attempts(case.bench.history.events, case.worker.name, case.lost_at)
    judge(no_hot_loop(tries, "connect"))
    for task in case.tasks:
        case.worker.finishes(task)
    case.worker.finishes(case.bench.send())

    if state == "busy":
        cut_at = case.bench.history.now
        case.worker.tap.cut()
        judge(reconnected(case.worker.comes_back(cut_at, LONGEST_DELAY), case.worker.name))
        case.worker.finishes(case.bench.send())


@clause(
    "W16",
    "back-as-at-first",
    production,
    must,
    owed_by=worker,
    source=CONSUMERS,
    presumes=("B12", "B31", "B35"),
)
def test_the_worker_is_back_as_at_first(cases: Cases, bench: Bench) -> None:
    """When a worker is back after a lost connection, it declares the queue, limits itself to holding no more tasks
    than its prefetch, and takes tasks, as many at once as before, all as it did at first.

    After the broker's return several tasks wait, more than the worker may hold. It must hold no more of them at a
    time than it may, must acknowledge each after the work, and must have its heartbeats as before.

    Another worker loses its connection while the queue is deleted, too. If this worker declared the queue at first,
    it must declare the queue again, with the same properties, and finish a task. A worker that may hold several
    tasks has lost its connection amid several tasks before. When these are done, it gets as many again, up to three
    times, and must come to hold as many at once as before.
    """
    case = cases["idle"]
    _connects_again(case.worker, case.lost_at, case.back_at)
    if not case.comes_back():
        raise NotJudged("the worker does not come back (W15)")
    limit, subject = bench.subject.prefetch, bench.subject
    dots = 1 if limit == 1 else subject.dots(0.3)
    slow = min(limit + 3, 5 * subject.concurrency)
    for task in case.bench.send_together(*[dots] * slow, *[0] * (limit + 3 - slow)):
        work = task.dots * subject.seconds_per_dot
        judge(acknowledged_after(case.worker.finishes(task), work))
    judge(holds_at_most(limit, case.worker.ledger.deliveries))
    judge(acknowledges_by_hand(case.worker.ledger))
    judge(same_on_every_connection(case.worker.ledger, case.bench.subject.queue))

    client, other = bench.connect(), bench.start_worker()
    other.finishes(bench.send())
    if subject.handful > 1:
        _takes_as_many_as_before(other, bench)
    if all(each.passive for each in other.ledger.declarations):
        return
    with bench.broker_unreachable():
        other.tap.cut()
        deleted_at = bench.delete_queue(client)
    _connects_again(other, deleted_at)
    judge(reconnected(other.comes_back(deleted_at), other.name))
    bench.queue_becomes(ready=0)
    other.finishes(bench.send())
    judge(same_on_every_connection(other.ledger, bench.subject.queue))


def _takes_as_many_as_before(worker: Worker, bench: Bench) -> None:
    """Cuts the worker's connection amid several tasks, and judges whether the worker holds as many at once again.
    It may come to that step by step: Celery restores its prefetch as tasks are finished.
    """
    tasks = bench.send_handful(bench.subject.dots(_OUTLASTS), behind=0)
    worker.fills_up(tasks)
    before, cut_at = most_held(worker.ledger.deliveries), bench.history.now
    worker.tap.cut()
    _connects_again(worker, cut_at)
    judge(reconnected(worker.comes_back(cut_at, LONGEST_DELAY), worker.name))
    for task in tasks:
        worker.finishes(task)
    back_at = bench.history.now
    for _ in range(_TURNS):
        for task in bench.send_handful(bench.subject.dots(1.0)):
            worker.finishes(task)
        verdict = holds_again(before, [each for each in worker.ledger.deliveries if each.at >= back_at])
        if verdict:
            break
    judge(verdict)


def _connects_again(worker: Worker, lost_at: float, since: float | None = None) -> None:
    """Raises NotJudged if the worker ends or does not connect: W15 judges that."""
    if not worker.connects_again(lost_at, LONGEST_DELAY, since):
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
    """If the broker ends a subscription because a task is not acknowledged in time (406 or `basic.cancel`), the
    worker recovers, or exits with a status other than 0.

    The broker allows one second instead of thirty minutes, and a task takes three seconds. If the worker goes on,
    it must take tasks again and finish a new one. The worker has as many such tasks as it may work on at once, and
    quick ones behind them if it may hold more.

    On a quorum queue, RabbitMQ from 4.3 on goes on with a subscription that it has cancelled, as soon as what timed
    out is acknowledged. So a worker that does not subscribe again has recovered, too, if it acknowledges a task
    that came over the old subscription after the cancel.
    """
    with acknowledgement_timeout(bench.broker, milliseconds=1000):
        worker = bench.start_worker()
        worker.finishes(bench.send())
        worker.fills_up(bench.send_handful(bench.subject.dots(3.0), behind=0))
        timed_out_at = worker.loses_its_subscription()
    if timed_out_at is None:
        raise NotJudged("the broker lets a consumer take its time, on queues of this type")

    if worker.keeps_its_subscription(timed_out_at):
        return
    if worker.comes_back(timed_out_at, since=timed_out_at):
        worker.finishes(bench.send())
    else:
        judge(ended_as_a_failure(worker.exit_status()))
