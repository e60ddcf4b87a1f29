"""Durability: what is still there after the broker was restarted, or killed.

For a task to survive, two things must be durable: its queue, and the message itself. The publisher knows that the
message is safe only when the broker has confirmed it.
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
    """What was confirmed before the broker ended, and the client that looks at it afterwards."""

    bench: Bench
    client: Client
    durable: str
    transient: str | None
    """None if the broker denies queues that are not durable."""
    acknowledged: Task
    """A persistent message. The broker had taken its acknowledgement before it ended."""
    held: Task
    """A persistent message that a consumer held when the broker ended."""
    persistent_tasks: list[Task]
    transient_tasks: list[Task]
    copied: list[str]
    """Queues that each got a copy of every task in `under_way`."""
    under_way: list[Task]
    """Tasks that were being published when the broker ended."""
    publisher: Client


@pytest.fixture(scope="module")
def ward(own_broker: Broker, new_bench: MakeBench) -> Iterator[Bench]:
    """One bench for the chapter: all its clauses look at the same restart, and at the same kill."""
    with new_bench(own_broker, "durability") as made:
        yield made


@pytest.fixture(scope="module", params=ENDINGS)
def survivors(ward: Bench, request: pytest.FixtureRequest) -> Survivors:
    """Prepares messages, ends the broker and starts it again. The messages are persistent and transient ones on a
    durable queue, one that was acknowledged, one that a consumer holds, and one on a queue that is not durable.
    """
    durable, transient = f"durable, {request.param}", f"transient, {request.param}"
    copied = [f"copies {number}, {request.param}" for number in (1, 2)]
    first = ward.connect()
    for queue in (durable, *copied):
        first.declares(queue)
    first.spreads(f"copier, {request.param}", copied)
    if request.param == "SIGKILL":
        # RabbitMQ 3.10 writes a new quorum queue to disk half a second late. If it is killed earlier, the queue
        # is lost for good. These clauses are about messages on a queue that certainly exists.
        ward.restart_broker()
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
    """A persistent message that was confirmed on a durable queue survives a restart of the broker, and a SIGKILL
    of the broker. This holds, too, if a consumer has the message and has not acknowledged it.

    Four messages are confirmed, and one of them is delivered. The broker ends and comes up again. All four must
    be delivered as they were published.
    """
    survivors.client.consumes(survivors.durable)
    for task in (survivors.held, *survivors.persistent_tasks):
        (published,) = survivors.publisher.ledger.carrying(task.mark)
        judge(arrived_whole(published, survivors.client.receives(task)))


@clause("B32", "transient-survives-by-type", core, must, owed_by=broker, source=QUORUM)
def test_transient_messages_survive_by_queue_type(survivors: Survivors) -> None:
    """After a restart of the broker, a transient message on a durable queue is lost if the queue is classic, and
    kept if it is a quorum queue.

    Three transient messages are confirmed, beside the persistent ones. When the persistent messages have been
    delivered after the restart, the transient ones must be delivered too, or must not be delivered: it depends on
    the queue's type.
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

    One message is delivered to a consumer that may hold one, and is acknowledged. The delivery of the next
    message shows that the broker has taken the acknowledgement. When the messages that survive the restart have
    been delivered, the acknowledged one must not be delivered.
    """
    client = survivors.client
    client.consumes(survivors.durable)
    for task in (survivors.held, *survivors.persistent_tasks):
        client.receives(task)

    survivors.bench.stays(lambda: never_delivered(client.ledger, [survivors.acknowledged]))


@clause("B33", "transient-queue-is-gone", core, must, owed_by=broker, source=DURABILITY)
def test_a_queue_that_is_not_durable_is_gone(survivors: Survivors) -> None:
    """A queue that is not durable is gone after a restart of the broker, together with its messages.

    The queue was there before the restart and took a message. Afterwards the broker must refuse a passive
    declaration with 404.
    """
    if survivors.transient is None:
        raise NotJudged("the broker denies queues that are not durable, as B08 allows")
    judge(is_gone(survivors.transient, survivors.bench.control.counts(survivors.transient)))


@clause("B35", "confirm-means-stored", production, must, owed_by=broker, source=CONFIRMS)
def test_what_is_confirmed_is_stored(survivors: Survivors) -> None:
    """A message is confirmed only when every queue to which it was routed has taken charge of it. A persistent
    message is then on disk, or a quorum of the replicas has it.

    A hundred persistent messages are published at once, each to two durable queues. The broker ends when the
    first of them is confirmed. Each message whose confirm was seen by then, or came later, must be delivered from
    both queues.
    """
    client = survivors.client
    for queue in survivors.copied:
        client.consumes(queue)

    survivors.bench.eventually(
        lambda: kept_what_it_confirmed(
            survivors.under_way, survivors.publisher.ledger, client.ledger, len(survivors.copied)
        )
    )
