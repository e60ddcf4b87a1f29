"""Durability: what is still there after the broker was restarted, or killed.

For a task to survive, two things must be durable: its queue, and the message itself. The publisher knows that the
message is safe only when the broker has confirmed it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.broker_profiles import known
from workqueue_spec.bench.parties import Receiver, Sender
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
    receiver: Receiver
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
    sender: Sender


@pytest.fixture(scope="module")
def chapter_bench(own_broker: Broker, new_bench: MakeBench) -> Iterator[Bench]:
    """One bench for the chapter: its clauses look at one restart, and at one kill."""
    with new_bench(own_broker, "durability") as made:
        yield made


@pytest.fixture(scope="module", params=ENDINGS)
def survivors(chapter_bench: Bench, request: pytest.FixtureRequest) -> Survivors:
    """Prepares messages, ends the broker and starts it again. The messages are persistent and transient ones on a
    durable queue, one that was acknowledged, one that a consumer holds, and one on a queue that is not durable.
    """
    durable, transient = f"durable, {request.param}", f"transient, {request.param}"
    copied = [f"copies {number}, {request.param}" for number in (1, 2)]
    first = chapter_bench.connect()
    for queue in (durable, *copied):
        first.declares(queue)
    first.declares_fanout(f"copier, {request.param}", copied)
    if request.param == "SIGKILL":
        # RabbitMQ 3.10 notes a new quorum queue on disk with half a second's delay: killed sooner, it never
        # has the queue again. These clauses are about messages on a queue that is known to be there.
        chapter_bench.restart_application()
    sender, holder = chapter_bench.connect_sender(), chapter_bench.connect_receiver()
    holder.consumes(durable, prefetch=1)
    acknowledged, held = sender.publishes(durable), sender.publishes(durable)
    holder.acknowledges_tag(holder.receives(acknowledged).tag)
    holder.receives(held)
    refusal = chapter_bench.connect().tries_to_declare(transient, durable=False, x_queue_type="classic")
    persistent_tasks = [sender.publishes(durable) for _ in range(3)]
    transient_tasks = [sender.publishes(durable, persistent=False) for _ in range(3)]
    if refusal is None:
        sender.publishes(transient, persistent=False)
    under_way = sender.publishes_at_once([""] * 100, exchange=f"copier, {request.param}")
    chapter_bench.eventually(lambda: one_confirmed(sender.ledger, under_way))

    ENDINGS[request.param](chapter_bench)

    return Survivors(
        bench=chapter_bench,
        receiver=chapter_bench.connect_receiver(),
        durable=durable,
        transient=transient if refusal is None else None,
        acknowledged=acknowledged,
        held=held,
        persistent_tasks=persistent_tasks,
        transient_tasks=transient_tasks,
        copied=copied,
        under_way=under_way,
        sender=sender,
    )


@clause("B31", "durable-survives", core, must, owed_by=broker, source=DURABILITY)
def test_persistent_messages_survive(survivors: Survivors) -> None:
    """A persistent message that was confirmed on a durable queue survives a restart of the broker, and a SIGKILL
    of the broker. This holds, too, if a consumer has the message and has not acknowledged it.

    Four messages are confirmed, and one of them is delivered. The broker ends and comes up again. All four must
    be delivered as they were published.
    """
    survivors.receiver.consumes(survivors.durable)
    for task in (survivors.held, *survivors.persistent_tasks):
        (published,) = survivors.sender.ledger.carrying(task.mark)
        judge(arrived_whole(published, survivors.receiver.receives(task)))


@clause("B32", "transient-survives-by-type", core, must, owed_by=broker, source=QUORUM)
def test_transient_messages_survive_by_queue_type(survivors: Survivors) -> None:
    """After a restart of the broker, a transient message on a durable queue is lost if the queue is classic, and
    kept if it is a quorum queue.

    Three transient messages are confirmed, beside the persistent ones. When the persistent messages have been
    delivered after the restart, the transient ones must be delivered too, or must not be delivered: it depends on
    the queue's type.
    """
    receiver = survivors.receiver
    receiver.consumes(survivors.durable)
    for task in survivors.persistent_tasks:
        receiver.receives(task)

    profile = survivors.bench.broker_profile
    if known(profile.keeps_transient, "whether a transient message survives", profile):
        for task in survivors.transient_tasks:
            receiver.receives(task)
    else:
        survivors.bench.stays(lambda: never_delivered(receiver.ledger, survivors.transient_tasks))


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
    receiver = survivors.receiver
    receiver.consumes(survivors.durable)
    for task in (survivors.held, *survivors.persistent_tasks):
        receiver.receives(task)

    survivors.bench.stays(lambda: never_delivered(receiver.ledger, [survivors.acknowledged]))


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
    receiver = survivors.receiver
    for queue in survivors.copied:
        receiver.consumes(queue)

    survivors.bench.eventually(
        lambda: kept_what_it_confirmed(
            survivors.under_way, survivors.sender.ledger, receiver.ledger, len(survivors.copied)
        )
    )
