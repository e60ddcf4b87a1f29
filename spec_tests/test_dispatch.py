"""Dispatch: who gets which task.

A broker hands tasks to its consumers in turn. That is round-robin, and it looks only at whose turn it is.
With a prefetch limit of one it also looks at who is free: that is fair dispatch, and a worker with a long
task no longer has short ones waiting behind it.
"""

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.broker_profiles import GlobalPrefetch, told
from workqueue_spec.judgement.verdicts import Verdict, judge
from workqueue_spec.judgement.verdicts.declaring import connection_refused_for
from workqueue_spec.judgement.verdicts.dispatch import by_consumer, holds_at_most, overtaken, round_robin
from workqueue_spec.judgement.verdicts.keeping import fetched, still_holds
from workqueue_spec.judgement.verdicts.limits import each_holds, together_hold
from workqueue_spec.judgement.verdicts.ordering import in_order
from workqueue_spec.specification.clauses import broker, clause, core, must, production, system

from .sources import AMQP, FAIR_DISPATCH, ORDERING, PREFETCH, ROUND_ROBIN


@clause("B11", "round-robin", core, must, owed_by=broker, source=ROUND_ROBIN)
@pytest.mark.parametrize(("consumers", "messages"), [(2, 5), (3, 9), (5, 12)])
@pytest.mark.parametrize("together", [False, True], ids=["apart", "on one channel"])
def test_idle_consumers_are_served_in_turn(
    bench: Bench, consumers: int, messages: int, together: bool
) -> None:
    """Messages go to equal consumers in turn (round-robin).

    Consumers without a prefetch limit are subscribed one after the other, each seen by the broker before the
    next, on connections of their own or all on one channel; then one client publishes. With two consumers and
    five messages it is the tutorial's own example: the one gets the first, third and fifth, the other the
    second and fourth.
    """
    client, receiver = bench.connect(), bench.connect()
    client.declares("letters")
    subscribed = [(receiver if together else bench.connect()).consumes("letters") for _ in range(consumers)]

    sent = [client.publishes("letters") for _ in range(messages)]

    delivered = [bench.delivered(task) for task in sent]
    judge(round_robin(delivered, subscribed))


@clause("B12", "prefetch-limit", core, must, owed_by=broker, source=PREFETCH)
@pytest.mark.parametrize(("prefetch", "channel"), [(1, 1), (3, 1), (1, 2)])
def test_the_prefetch_limit_holds(bench: Bench, prefetch: int, channel: int) -> None:
    """With a prefetch of N a consumer never holds more than N unacknowledged messages.

    More messages than the limit wait for one consumer, on the first channel of its connection or on a later
    one. It must get as many as its limit and no more; each acknowledgement must bring one more, until all have
    come.
    """
    sender, receiver = bench.connect(), bench.connect()
    sender.declares("letters")
    sent = [sender.publishes("letters") for _ in range(prefetch + 4)]
    for _ in range(channel):
        receiver.opens_a_channel()
    receiver.consumes("letters", prefetch=prefetch)

    for number, task in enumerate(sent):
        for due in sent[number : number + prefetch]:
            receiver.receives(due)
        bench.stays(lambda: holds_at_most(prefetch, receiver.ledger.deliveries, by_consumer))
        receiver.acknowledges(task)

    judge(holds_at_most(prefetch, receiver.ledger.deliveries, by_consumer))


@clause("B13", "prefetch-is-the-consumers", production, must, owed_by=broker, source=PREFETCH)
def test_the_prefetch_limit_is_the_consumers(bench: Bench) -> None:
    """A prefetch limit that is set without `global` holds for each consumer by itself, and only for consumers
    that come later on the channel.

    On one channel a limit is set and a consumer subscribes, then another limit and another consumer, then a
    third that nobody subscribes under. More messages wait than all of them may have: each consumer must hold
    just as many as the limit that was set when it came.
    """
    sender, receiver = bench.connect(), bench.connect()
    for queue in ("letters", "parcels"):
        sender.declares(queue)
    first = receiver.consumes("letters", prefetch=2)
    second = receiver.consumes("parcels", prefetch=4)
    receiver.limits_itself(6)

    for queue in ("letters", "parcels"):
        for _ in range(8):
            sender.publishes(queue)

    bench.eventually(lambda: each_holds({first: 2, second: 4}, receiver.ledger.deliveries))
    bench.stays(lambda: each_holds({first: 2, second: 4}, receiver.ledger.deliveries))


@clause("B14", "global-prefetch", production, must, owed_by=broker, source=PREFETCH)
def test_the_prefetch_limit_of_a_channel(bench: Bench) -> None:
    """A prefetch limit that is set with `global` is shared by all consumers on the channel; or it is taken as
    each consumer's own (RabbitMQ from 4.3), or it is refused when a quorum queue is consumed, by closing the
    connection with 540 (RabbitMQ to 4.2). It is never just dropped.

    Two consumers subscribe on a channel with such a limit, to queues with more messages than that.
    """
    expected = told(bench.profile.global_prefetch, "the prefetch limit of a channel", bench.profile)
    sender, receiver = bench.connect(), bench.connect()
    for queue in ("letters", "parcels"):
        sender.declares(queue)
        for _ in range(5):
            sender.publishes(queue)

    if expected is GlobalPrefetch.REFUSED:
        refusal = receiver.is_refused(
            lambda: receiver.consumes("letters", prefetch=3, whole_channel=True), "a limit for the channel"
        )
        judge(connection_refused_for(refusal, 540, "global qos"))
        return
    first = receiver.consumes("letters", prefetch=3, whole_channel=True)
    second = receiver.consumes("parcels")

    def limited() -> Verdict:
        held = receiver.ledger.deliveries
        shared = expected is GlobalPrefetch.SHARED
        return together_hold(3, held) if shared else each_holds({first: 3, second: 3}, held)

    bench.eventually(limited)
    bench.stays(limited)


@clause("B15", "no-prefetch-limit", production, must, owed_by=broker, source=PREFETCH)
def test_without_a_prefetch_limit(bench: Bench) -> None:
    """With a prefetch of 0, which is the default, a consumer of a classic queue is given all there is; one of
    a RabbitMQ quorum queue holds 2000 messages at most.

    More than 2000 messages wait, which were published in parts, by a channel that is still open, since it may have
    to send a quorum queue again what that could not take at once; and a consumer comes that acknowledges nothing.
    """
    most = told(bench.profile.most_without_limit, "the limit when there is none", bench.profile)
    sender, receiver = bench.connect(), bench.connect()
    sender.declares("letters")
    for waiting in range(410, 2051, 410):
        sender.pours("letters", 410)
        bench.queue_becomes(ready=waiting, queue="letters")

    receiver.consumes("letters", prefetch=0)

    left = 2050 - int(min(most, 2050))
    bench.queue_becomes(ready=left, queue="letters")
    bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=left))


@clause("B16", "first-in-first-out", core, must, owed_by=broker, source=ORDERING)
@pytest.mark.parametrize("waiting", [True, False], ids=["before the consumer", "with the consumer there"])
@pytest.mark.parametrize("confirms", [True, False], ids=["confirmed", "not confirmed"])
def test_order_is_kept(bench: Bench, waiting: bool, confirms: bool) -> None:
    """What one channel publishes to a queue comes to its one consumer in the order in which it was published,
    each message once.

    Small and large messages, in an order drawn by the seed, are published before the consumer comes, or while
    it is there, on a channel in confirm mode or on one that is not.
    """
    sender, receiver = bench.connect(), bench.connect()
    sender.declares("letters")
    sender.opens_a_channel(confirms=confirms)
    if not waiting:
        receiver.consumes("letters")

    sent = sender.publishes_at_once(["letters"] * 20, words=[0, 1, 4, 30_000])

    if waiting:
        bench.queue_becomes(ready=20, queue="letters")
        receiver.consumes("letters")
    for task in sent:
        receiver.receives(task)
    judge(in_order(receiver.ledger, sent))


@clause("B17", "count-of-ready-messages", core, must, owed_by=broker, source=AMQP)
def test_the_count_leaves_the_unacknowledged_out(bench: Bench) -> None:
    """The message count in `declare-ok` is that of the messages ready for delivery: those in a consumer's
    hands, not yet acknowledged, are left out.

    Of five messages a consumer holds two: three must be counted, and go on to be. When the consumer is gone
    with one of them acknowledged, four.
    """
    client, receiver = bench.connect(), bench.connect()
    client.declares("letters")
    sent = [client.publishes("letters") for _ in range(5)]
    bench.queue_becomes(ready=5, queue="letters")

    receiver.consumes("letters", prefetch=2)
    receiver.receives(sent[1])

    bench.queue_becomes(ready=3, queue="letters")
    bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=3))
    judge(still_holds("letters", client.counts("letters"), ready=3))
    receiver.acknowledges(sent[0])
    receiver.receives(sent[2])
    bench.queue_becomes(ready=2, queue="letters")
    judge(still_holds("letters", client.counts("letters"), ready=2))
    receiver.closes_its_channel()
    bench.queue_becomes(ready=4, queue="letters")
    judge(still_holds("letters", client.counts("letters"), ready=4))


@clause("B44", "fetched-one-by-one", production, must, owed_by=broker, source=AMQP)
def test_messages_are_fetched_one_by_one(bench: Bench) -> None:
    """Who asks for one message by `basic.get` is given the next that is ready, and holds it as a consumer would;
    `basic.get-empty` says that there is none.

    Three messages are fetched, and a fourth is asked for that is not there. One of them is acknowledged. When the
    channel ends, the two others must be ready again.
    """
    client, fetcher = bench.connect(), bench.connect()
    client.declares("letters")
    judge(fetched(fetcher.fetches("letters"), None))

    sent = [client.publishes("letters") for _ in range(3)]
    for task in [*sent, None]:
        judge(fetched(fetcher.fetches("letters"), task))

    fetcher.acknowledges(sent[0])
    fetcher.closes_its_channel()
    bench.queue_becomes(ready=2, queue="letters")
    client.consumes("letters")
    for task in sent[1:]:
        client.receives(task)


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
