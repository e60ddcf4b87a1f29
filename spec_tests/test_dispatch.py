"""Dispatch: who gets which task.

A broker hands tasks to its consumers in turn. That is round-robin, and it looks only at whose turn it is.
With a prefetch limit of one it also looks at who is free: that is fair dispatch, and a worker with a long
task no longer has short ones waiting behind it.
"""

import pytest

from workqueue_spec.bench import Bench
from workqueue_spec.clauses import broker, clause, core, must, system
from workqueue_spec.verdicts import judge
from workqueue_spec.verdicts.dispatch import by_consumer, holds_at_most, in_turn, overtaken

from .sources import FAIR_DISPATCH, PREFETCH, ROUND_ROBIN


@clause("B11", "round-robin", core, must, owed_by=broker, source=ROUND_ROBIN)
@pytest.mark.parametrize(("consumers", "messages"), [(2, 5), (3, 9), (5, 12)])
def test_idle_consumers_are_served_in_turn(bench: Bench, consumers: int, messages: int) -> None:
    """Messages go to equal consumers in turn (round-robin).

    Consumers without a prefetch limit are subscribed one after the other, each seen by the broker before the
    next; then one client publishes. With two consumers and five messages it is the tutorial's own example:
    the one gets the first, third and fifth, the other the second and fourth.
    """
    client = bench.connect()
    client.declares("letters")
    subscribed = [bench.connect().consumes("letters") for _ in range(consumers)]

    sent = [client.publishes("letters") for _ in range(messages)]

    delivered = [bench.delivered(task) for task in sent]
    judge(in_turn(delivered, subscribed))


@clause("B12", "prefetch-limit", core, must, owed_by=broker, source=PREFETCH)
@pytest.mark.parametrize("prefetch", [1, 3])
def test_the_prefetch_limit_holds(bench: Bench, prefetch: int) -> None:
    """With a prefetch of N a consumer never holds more than N unacknowledged messages.

    More messages than the limit wait for one consumer. It must get as many as its limit and no more; each
    acknowledgement must bring one more, until all have come.
    """
    sender, receiver = bench.connect(), bench.connect()
    sender.declares("letters")
    sent = [sender.publishes("letters") for _ in range(prefetch + 4)]
    receiver.consumes("letters", prefetch=prefetch)

    for number, task in enumerate(sent):
        for due in sent[number : number + prefetch]:
            receiver.receives(due)
        bench.stays(lambda: holds_at_most(prefetch, receiver.ledger.deliveries, by_consumer))
        receiver.acknowledges(task)

    judge(holds_at_most(prefetch, receiver.ledger.deliveries, by_consumer))


@clause("S01", "fair-dispatch", core, must, owed_by=system, source=FAIR_DISPATCH, presumes=("B11", "B12"))
def test_a_free_worker_overtakes_a_busy_one(bench: Bench) -> None:
    """While one worker is busy with a long task, the short ones go to another that is free.

    Two workers; one has a task that does not end during the test. All the short tasks sent then must be
    acknowledged by the other.
    """
    bench.start_worker()
    bench.start_worker()
    long = bench.send_endless()
    bench.delivered(long)

    short = [bench.finished(bench.send(dots=bench.random.choice([0, 0, 1]))) for _ in range(6)]

    judge(overtaken(bench.delivered(long), short))
