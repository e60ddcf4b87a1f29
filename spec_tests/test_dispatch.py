"""Dispatch: who gets which task.

A broker delivers messages to its consumers in turn. This is round-robin: the broker looks only at whose turn it
is. With a prefetch limit of one the broker also looks at which consumer is free. This is fair dispatch: short
tasks no longer wait behind a worker's long task.
"""

from collections import Counter

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.broker_profiles import GlobalPrefetch, known
from workqueue_spec.judgement.verdicts import NotJudged, Verdict, judge
from workqueue_spec.judgement.verdicts.declaring import connection_refused_for
from workqueue_spec.judgement.verdicts.dispatch import by_consumer, holds_at_most, overtaken, round_robin
from workqueue_spec.judgement.verdicts.keeping import fetched, still_holds
from workqueue_spec.judgement.verdicts.limits import each_holds, together_hold
from workqueue_spec.judgement.verdicts.ordering import in_order
from workqueue_spec.specification.clauses import broker, clause, core, must, production, system
from workqueue_spec.timeouts import EVENTUALLY

from .sources import AMQP, FAIR_DISPATCH, ORDERING, PREFETCH, ROUND_ROBIN


@clause("B11", "round-robin", core, must, owed_by=broker, source=ROUND_ROBIN)
@pytest.mark.parametrize(("consumers", "messages"), [(2, 5), (3, 9), (5, 12)])
@pytest.mark.parametrize("together", [False, True], ids=["apart", "on one channel"])
def test_idle_consumers_are_served_in_turn(
    bench: Bench, consumers: int, messages: int, together: bool
) -> None:
    """Messages go to equal consumers in turn (round-robin).

    Consumers without a prefetch limit subscribe one after the other. The broker knows each of them before the
    next one subscribes. They have connections of their own, or are all on one channel. Then one client publishes.
    The case of two consumers and five messages is the tutorial's own example: one consumer gets the first, third
    and fifth message, the other gets the second and fourth.
    """
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("letters")
    subscribed = [
        (receiver if together else bench.connect_receiver()).consumes("letters") for _ in range(consumers)
    ]

    sent = [sender.publishes("letters") for _ in range(messages)]

    delivered = [bench.somebody_receives(task) for task in sent]
    judge(round_robin(delivered, subscribed))


@clause("B12", "prefetch-limit", core, must, owed_by=broker, source=PREFETCH)
@pytest.mark.parametrize(("prefetch", "channel"), [(1, 1), (3, 1), (1, 2)])
def test_the_prefetch_limit_holds(bench: Bench, prefetch: int, channel: int) -> None:
    """A consumer with a prefetch of N never holds more than N unacknowledged messages.

    More messages than the limit wait for one consumer, on the first channel of its connection or on a later one.
    The consumer must get as many messages as its limit and no more. Each acknowledgement must bring one more
    message, until all have been delivered.
    """
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
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


@clause("B48", "full-consumer-is-passed-over", core, must, owed_by=broker, source=FAIR_DISPATCH)
def test_a_consumer_that_is_full_is_passed_over(bench: Bench) -> None:
    """A message goes to a consumer that may hold one more, even if it is the turn of a consumer that may not.

    Two consumers have a prefetch limit of one, and one of them holds a message. The messages that are published
    then, one after the other, must be delivered to the other consumer, which acknowledges each of them.
    """
    sender, full, free = bench.connect_sender(), bench.connect_receiver(), bench.connect_receiver()
    sender.declares("letters")
    full.consumes("letters", prefetch=1)
    full.receives(sender.publishes("letters"))
    free.consumes("letters", prefetch=1)

    for _ in range(6):
        free.acknowledges(sender.publishes("letters"))


@clause("B13", "prefetch-is-the-consumers", production, must, owed_by=broker, source=PREFETCH)
def test_the_prefetch_limit_is_the_consumers(bench: Bench) -> None:
    """A prefetch limit that is set without `global` applies to each consumer separately, and only to consumers
    that subscribe on the channel after it was set.

    On one channel a client sets a limit and subscribes, then sets another limit and subscribes again, then sets a
    third limit under which nobody subscribes. More messages wait than the consumers may hold together. Each
    consumer must hold exactly as many messages as the limit that was set when it subscribed.
    """
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    for queue in ("letters", "parcels"):
        sender.declares(queue)
    first = receiver.consumes("letters", prefetch=2)
    second = receiver.consumes("parcels", prefetch=4)
    receiver.sets_prefetch(6)

    for queue in ("letters", "parcels"):
        for _ in range(8):
            sender.publishes(queue)

    bench.eventually(lambda: each_holds({first: 2, second: 4}, receiver.ledger.deliveries))
    bench.stays(lambda: each_holds({first: 2, second: 4}, receiver.ledger.deliveries))


@clause("B14", "global-prefetch", production, must, owed_by=broker, source=PREFETCH)
def test_the_prefetch_limit_of_a_channel(bench: Bench) -> None:
    """A prefetch limit that is set with `global` is shared by all consumers on the channel; or each consumer has
    this limit for itself (RabbitMQ from 4.3); or consuming from a quorum queue is then refused, by closing the
    connection with 540 (RabbitMQ up to 4.2). The limit is never just ignored.

    Two consumers subscribe on a channel with such a limit. Each of their queues has more messages than the limit.
    """
    expected = known(
        bench.broker_profile.global_prefetch, "the prefetch limit of a channel", bench.broker_profile
    )
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    for queue in ("letters", "parcels"):
        sender.declares(queue)
        for _ in range(5):
            sender.publishes(queue)

    if expected is GlobalPrefetch.REFUSED:
        refusal = receiver.is_refused(
            lambda: receiver.consumes("letters", prefetch=3, whole_channel=True), "a limit for the channel"
        )
        judge(connection_refused_for(refusal, 540, "basic.consume", "global qos"))
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
    """With a prefetch of 0, which is the default, a consumer of a classic queue gets all messages that are there.
    A consumer of a RabbitMQ quorum queue holds at most 2000 messages.

    More than 2000 messages wait, and a consumer subscribes that acknowledges nothing. The messages were published
    in parts, on channels that are still open: RabbitMQ's channel may have to send messages to a quorum queue
    again that the queue could not take at once.
    """
    most = known(
        bench.broker_profile.most_without_limit, "the limit when there is none", bench.broker_profile
    )
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("letters")
    for waiting in range(410, 2051, 410):
        sender.publishes_many("letters", 410)
        bench.queue_becomes(ready=waiting, queue="letters")

    receiver.consumes("letters", prefetch=0)

    left = 2050 - int(min(most, 2050))
    bench.queue_becomes(ready=left, queue="letters")
    bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=left))


@clause("B16", "first-in-first-out", core, must, owed_by=broker, source=ORDERING)
@pytest.mark.parametrize("waiting", [True, False], ids=["before the consumer", "with the consumer there"])
@pytest.mark.parametrize("confirms", [True, False], ids=["confirmed", "not confirmed"])
def test_order_is_kept(bench: Bench, waiting: bool, confirms: bool) -> None:
    """Messages that one channel publishes to a queue are delivered to the queue's only consumer in the order in
    which they were published, each message once.

    Small and large messages, in an order drawn from the seed, are published before the consumer subscribes or
    while it is subscribed, on a channel that is in confirm mode or on one that is not.
    """
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
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
    """The message count in `declare-ok` is the number of messages that are ready for delivery. Messages that a
    consumer holds and has not acknowledged are not counted.

    A consumer holds two of five messages: the count must be three, and stay three. The consumer acknowledges one
    message and gets another: the count must be two. The consumer closes its channel: the count must be four.
    """
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("letters")
    sent = [sender.publishes("letters") for _ in range(5)]
    bench.queue_becomes(ready=5, queue="letters")

    receiver.consumes("letters", prefetch=2)
    receiver.receives(sent[1])

    bench.queue_becomes(ready=3, queue="letters")
    bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=3))
    judge(still_holds("letters", sender.counts("letters"), ready=3))
    receiver.acknowledges(sent[0])
    receiver.receives(sent[2])
    bench.queue_becomes(ready=2, queue="letters")
    judge(still_holds("letters", sender.counts("letters"), ready=2))
    receiver.closes_its_channel()
    bench.queue_becomes(ready=4, queue="letters")
    judge(still_holds("letters", sender.counts("letters"), ready=4))


@clause("B44", "fetched-one-by-one", production, must, owed_by=broker, source=AMQP)
def test_messages_are_fetched_one_by_one(bench: Bench) -> None:
    """A client that asks for one message by `basic.get` gets the next message that is ready, and holds it as a
    consumer would. `basic.get-empty` says that there is no message.

    A client asks an empty queue. Then three messages are published; the client fetches them, and asks for a
    fourth that is not there. It acknowledges one of the three. When its channel ends, the other two must be ready
    again.
    """
    sender, fetcher, receiver = bench.connect_sender(), bench.connect_receiver(), bench.connect_receiver()
    sender.declares("letters")
    judge(fetched(fetcher.fetches("letters"), None))

    sent = [sender.publishes("letters") for _ in range(3)]
    for task in [*sent, None]:
        judge(fetched(fetcher.fetches("letters"), task))

    fetcher.acknowledges(sent[0])
    fetcher.closes_its_channel()
    bench.queue_becomes(ready=2, queue="letters")
    receiver.consumes("letters")
    for task in sent[1:]:
        receiver.receives(task)


@clause(
    "S01",
    "fair-dispatch",
    core,
    must,
    owed_by=system,
    source=FAIR_DISPATCH,
    presumes=("B11", "B12", "B48"),
)
def test_a_free_worker_overtakes_a_busy_one(bench: Bench) -> None:
    """While one worker is busy with a long task, short tasks go to another worker that is free. This is promised
    only if a worker holds no task that it does not work on yet.

    There are two workers. One of them has a task that does not end during the test. All short tasks that are sent
    then must be acknowledged by the other worker. If a worker may work on several tasks at once, so many long tasks
    are sent that one worker is busy with all that it may have, and the other is free for one more.
    """
    prefetch, concurrency = bench.subject.prefetch, bench.subject.concurrency
    if bench.subject.fetches_ahead:
        raise NotJudged(
            f"the worker fetches tasks ahead of its work (prefetch {prefetch}, concurrency {concurrency}), so a "
            "short task may wait behind a long one"
        )
    bench.start_worker()
    bench.start_worker()
    endless = bench.send_together(*[bench.endless] * (2 * concurrency - 1))
    if concurrency > 1:
        bench.history.wait(lambda _: all(bench.ledger.of(task.mark) for task in endless), EVENTUALLY)
        if not all(bench.ledger.of(task.mark) for task in endless):
            raise NotJudged(
                f"two workers hold fewer than {len(endless)} tasks, so it is not known when one is busy"
            )
    held = {task: bench.somebody_receives(task) for task in endless}
    of_worker = Counter(each.who for each in held.values())
    long = next(task for task, each in held.items() if of_worker[each.who] >= concurrency)

    short = [bench.somebody_finishes(bench.send(dots=bench.random.choice([0, 0, 1]))) for _ in range(6)]

    bench.are_still_endless(endless)
    judge(overtaken(bench.somebody_receives(long), short))
