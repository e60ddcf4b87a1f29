"""Durability: what is still there after the broker was restarted, or killed.

Two things must both be durable for a task to survive: its queue and the message itself. And the publisher
knows that it is safe only when the broker has confirmed it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.broker_profiles import told
from workqueue_spec.bench.parties import Client
from workqueue_spec.broker import Broker
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.confirming import arrived_whole, kept_what_it_confirmed, one_confirmed
from workqueue_spec.judgement.verdicts.keeping import is_gone, never_delivered
from workqueue_spec.plugin.fixtures import MakeBench
from workqueue_spec.specification.clauses import broker, clause, core, must, production

from .sources import ACKNOWLEDGMENT, CONFIRMS, DURABILITY, QUORUM

pytestmark = pytest.mark.own_broker

ENDINGS: dict[str, Callable[[Bench], None]] = {
    "graceful restart": Bench.restart_broker,
    "SIGKILL": Bench.kill_broker,
}


@dataclass
class Survivors:
    """What was confirmed before the broker ended, and who looks at it afterwards."""

    bench: Bench
    client: Client
    durable: str
    transient: str | None
    """None: the broker denies queues that are not durable."""
    acknowledged: Task
    """It is persistent, and the broker had taken its acknowledgement."""
    held: Task
    """It is persistent, and was in a consumer's hands."""
    persistent_tasks: list[Task]
    transient_tasks: list[Task]
    copied: list[str]
    """Queues that each got a copy of the tasks that were under way when the broker ended."""
    under_way: list[Task]
    publisher: Client


@pytest.fixture(scope="module")
def ward(own_broker: Broker, new_bench: MakeBench) -> Iterator[Bench]:
    """One bench for the chapter: its clauses look at one restart, and at one kill."""
    with new_bench(own_broker, "durability") as made:
        yield made


@pytest.fixture(scope="module", params=ENDINGS)
def survivors(ward: Bench, request: pytest.FixtureRequest) -> Survivors:
    """The durability matrix: messages of both kinds on a durable queue, one that is acknowledged and one in a
    consumer's hands, a queue that is not durable, and then the broker's end.
    """
    durable, transient = f"durable, {request.param}", f"transient, {request.param}"
    copied = [f"copies {number}, {request.param}" for number in (1, 2)]
    first = ward.connect()
    for queue in (durable, *copied):
        first.declares(queue)
    first.spreads(f"copier, {request.param}", copied)
    if request.param == "SIGKILL":
        # RabbitMQ 3.10 notes a new quorum queue on disk with half a second's delay: killed sooner, it never
        # has the queue again. These clauses are about messages on a queue that is known to be there.
        ward.restart_application()
    client, holder = ward.connect(), ward.connect()
    holder.consumes(durable, prefetch=1)
    acknowledged, held = client.publishes(durable), client.publishes(durable)
    holder.acknowledges_tag(holder.receives(acknowledged).tag)
    holder.receives(held)
    refusal = ward.connect().tries_to_declare(transient, durable=False, x_queue_type="classic")
    persistent_tasks = [client.publishes(durable) for _ in range(3)]
    transient_tasks = [client.publishes(durable, persistent=False) for _ in range(3)]
    if refusal is None:
        client.publishes(transient)
    under_way = client.publishes_at_once([""] * 100, exchange=f"copier, {request.param}")
    ward.eventually(lambda: one_confirmed(client.ledger, under_way))

    ENDINGS[request.param](ward)

    return Survivors(
        ward,
        ward.connect(),
        durable,
        transient if refusal is None else None,
        acknowledged,
        held,
        persistent_tasks,
        transient_tasks,
        copied,
        under_way,
        client,
    )


@clause("B31", "durable-survives", core, must, owed_by=broker, source=DURABILITY)
def test_persistent_messages_survive(survivors: Survivors) -> None:
    """A persistent message that was confirmed on a durable queue survives a restart of the broker, and its
    SIGKILL, also in the hands of a consumer that has not acknowledged it.

    Four are confirmed, and one of them is delivered; the broker ends and comes up again: all four must be
    delivered as they were published.
    """
    survivors.client.consumes(survivors.durable)
    for task in (survivors.held, *survivors.persistent_tasks):
        (published,) = survivors.publisher.ledger.carrying(task.mark)
        judge(arrived_whole(published, survivors.client.receives(task)))


@clause("B32", "transient-survives-by-type", core, must, owed_by=broker, source=QUORUM)
def test_transient_messages_survive_by_queue_type(survivors: Survivors) -> None:
    """A transient message on a durable queue is lost over a restart where the queue is classic, and kept
    where it is a quorum queue.

    Three are confirmed beside the persistent ones. When the persistent ones have come, the transient ones
    must have come too, or must not come.
    """
    client = survivors.client
    client.consumes(survivors.durable)
    for task in survivors.persistent_tasks:
        client.receives(task)

    profile = survivors.bench.profile
    if told(profile.keeps_transient, "whether a transient message survives", profile):
        for task in survivors.transient_tasks:
            client.receives(task)
    else:
        survivors.bench.stays(lambda: never_delivered(client.ledger, survivors.transient_tasks))


@clause(
    "B45",
    "acknowledged-stays-gone",
    production,
    must,
    owed_by=broker,
    source=ACKNOWLEDGMENT,
    presumes=("B31",),
)
@pytest.mark.parametrize("survivors", ["graceful restart"], indirect=True)
def test_what_was_acknowledged_stays_gone(survivors: Survivors) -> None:
    """A message that was acknowledged is not delivered again after a graceful restart of the broker.

    One is delivered to a consumer that may hold one, and acknowledged; the next one shows that the broker has
    taken the acknowledgement. When those that survive the restart have come, it must not come.
    """
    client = survivors.client
    client.consumes(survivors.durable)
    for task in (survivors.held, *survivors.persistent_tasks):
        client.receives(task)

    survivors.bench.stays(lambda: never_delivered(client.ledger, [survivors.acknowledged]))


@clause("B33", "transient-queue-is-gone", core, must, owed_by=broker, source=DURABILITY)
def test_a_queue_that_is_not_durable_is_gone(survivors: Survivors) -> None:
    """A queue that is not durable is gone after a restart, with what was on it.

    It was there and took a message before; afterwards a passive declaration must be answered with 404.
    """
    if survivors.transient is None:
        raise NotJudged("the broker denies queues that are not durable, as B08 allows")
    judge(is_gone(survivors.transient, survivors.bench.control.counts(survivors.transient)))


@clause("B35", "confirm-means-stored", production, must, owed_by=broker, source=CONFIRMS)
def test_what_is_confirmed_is_stored(survivors: Survivors) -> None:
    """A message is confirmed only when every queue that it was routed to has taken charge of it: a persistent
    one is on disk by then, or with a quorum of the replicas.

    A hundred persistent messages are published at once, each to two durable queues, and the broker ends when
    the first of them is confirmed. Each message whose confirm was seen by then, or came after, must be
    delivered from both queues.
    """
    client = survivors.client
    for queue in survivors.copied:
        client.consumes(queue)

    survivors.bench.eventually(
        lambda: kept_what_it_confirmed(
            survivors.under_way, survivors.publisher.ledger, client.ledger, len(survivors.copied)
        )
    )
