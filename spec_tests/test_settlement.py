"""Settlement: what becomes of a message that was delivered.

A broker keeps a message until it is acknowledged. What its consumer leaves unacknowledged goes back to the
queue, however the consumer went, and is marked as perhaps not new.
"""

import math
from collections.abc import Callable

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.broker_profiles import told
from workqueue_spec.bench.parties import Client
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.cancelling import cancelled, dropped_within
from workqueue_spec.judgement.verdicts.confirming import arrived_whole
from workqueue_spec.judgement.verdicts.declaring import nobody_refused, refused_for
from workqueue_spec.judgement.verdicts.giving_up import counted, dead_lettered, delivered_times, died
from workqueue_spec.judgement.verdicts.keeping import is_gone, still_holds
from workqueue_spec.judgement.verdicts.ordering import came_back
from workqueue_spec.judgement.verdicts.settlement import marked_new, marked_redelivered
from workqueue_spec.specification.clauses import broker, clause, core, must, production

from .sources import (
    ACKNOWLEDGMENT,
    AMQP,
    CANCEL,
    CONFIRMS,
    CONSUMERS,
    DEAD_LETTERS,
    EXPIRATION,
    HEARTBEATS,
    QUORUM,
)

ENDINGS: dict[str, Callable[[Client], None]] = {
    "channel closed": Client.closes_its_channel,
    "connection closed": Client.close,
    "connection lost": Client.is_cut_off,
    "connection reset": Client.is_reset,
}


GIVEN_BACK: dict[str, Callable[[Client, Task], None]] = {"nack": Client.nacks, "reject": Client.rejects}

SETTLEMENTS: dict[str, Callable[[Client, int], None]] = {
    "ack": Client.acknowledges_tag,
    "nack": Client.nacks_tag,
    "reject": Client.rejects_tag,
}

TO_DEAD_LETTERS = {"x_dead_letter_exchange": "", "x_dead_letter_routing_key": "dead letters"}


@clause("B18", "unacknowledged-returns", core, must, owed_by=broker, source=ACKNOWLEDGMENT)
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_unacknowledged_returns(bench: Bench, ending: str) -> None:
    """When a consumer's channel or connection ends, in whatever way, what it has not acknowledged goes back
    to the queue.

    A consumer holds three messages and acknowledges the first. It ends: politely, or as one that is killed
    (the operating system closes the connection), or whose host is gone (a reset). The two others, and only
    they, must be ready again.
    """
    client, leaver = bench.connect(), bench.connect()
    client.declares("letters")
    sent = [client.publishes("letters") for _ in range(3)]
    leaver.consumes("letters")
    for task in sent:
        leaver.receives(task)
    leaver.acknowledges(sent[0])
    bench.queue_becomes(ready=0, queue="letters")

    ENDINGS[ending](leaver)

    bench.queue_becomes(ready=2, queue="letters")
    client.consumes("letters")
    for task in sent[1:]:
        client.receives(task)


@clause("B19", "redelivered-is-marked", core, must, owed_by=broker, source=CONFIRMS, presumes=("B18",))
@pytest.mark.parametrize("how", [*ENDINGS, *GIVEN_BACK])
def test_a_returned_message_is_marked(bench: Bench, how: str) -> None:
    """A message that was delivered and went back to the queue comes again as it was published, with redelivered
    set; one that was never delivered comes without it.

    A consumer takes three messages, and ends without acknowledging them, or gives them back. Another, or it
    itself, must get them marked, and those published after them unmarked.
    """
    client, taker = bench.connect(), bench.connect()
    client.declares("letters")
    seen = [client.publishes("letters") for _ in range(3)]
    # One that ends holds as many as it may: until the broker knows of its end it would be given those after.
    taker.consumes("letters", prefetch=3 if how in ENDINGS else 6)
    for task in seen:
        judge(marked_new(taker.receives(task)))

    if how in ENDINGS:
        receiver, times = client, 1
        ENDINGS[how](taker)
        client.consumes("letters")
    else:
        receiver, times = taker, 2
        for task in seen:
            GIVEN_BACK[how](taker, task)
    fresh = [client.publishes("letters") for _ in range(3)]

    for task in seen:
        delivery = receiver.receives_times(task, times)
        judge(marked_redelivered(delivery))
        (published,) = client.ledger.carrying(task.mark)
        judge(arrived_whole(published, delivery))
    for task in fresh:
        judge(marked_new(receiver.receives(task)))


@clause("B20", "place-of-the-returned", production, must, owed_by=broker, source=QUORUM, presumes=("B16",))
@pytest.mark.parametrize("how", ["nack", "reject", "channel closed"])
def test_the_place_of_a_returned_message(bench: Bench, how: str) -> None:
    """A message that is given back takes its old place on a classic queue. On a quorum queue it comes ahead
    of those that were never delivered, except that to RabbitMQ 3.13, without a delivery limit, one that is
    nacked or rejected goes to the tail.

    Of five messages a consumer takes two, ends its subscription, and gives them back, the later one first.
    Another consumer must get all five in the order that is right for the queue.
    """
    profile = bench.profile
    returned = profile.returned_goes if how == "channel closed" else profile.nacked_goes
    place = told(returned, "the place of a message that is given back", profile)
    client, leaver, receiver = bench.connect(), bench.connect(), bench.connect()
    client.declares("letters")
    sent = [client.publishes("letters") for _ in range(5)]
    consumer = leaver.consumes("letters", prefetch=2)
    for task in sent[:2]:
        leaver.receives(task)
    leaver.cancels(consumer)

    if how == "channel closed":
        leaver.closes_its_channel()
    else:
        for task in (sent[1], sent[0]):
            GIVEN_BACK[how](leaver, task)
        leaver.asks_something()

    bench.queue_becomes(ready=5, queue="letters")
    receiver.consumes("letters")
    for task in sent:
        receiver.receives(task)
    judge(came_back(place, receiver.ledger, sent[:2], sent[2:]))


@clause("B21", "unknown-delivery-tag", core, must, owed_by=broker, source=CONFIRMS)
@pytest.mark.parametrize("which", ["never delivered", "twice", "another channel", "no-ack mode"])
@pytest.mark.parametrize("how", SETTLEMENTS)
def test_an_unknown_delivery_tag_is_refused(bench: Bench, which: str, how: str) -> None:
    """Acknowledging what is not outstanding on that channel closes it with 406 PRECONDITION_FAILED, unknown
    delivery tag: a tag that was never delivered, or was acknowledged before, or belongs to another channel,
    or came in no-ack mode. So does giving it back.

    A message is delivered, and its tag, or the one after it, settled where it must not be.
    """
    client = bench.connect()
    client.declares("letters")
    client.consumes("letters", no_ack=which == "no-ack mode")
    task = client.publishes("letters")
    tag = client.receives(task).tag
    if which == "never delivered":
        tag += 1
    elif which == "twice":
        client.acknowledges(task)
    elif which == "another channel":
        client.opens_a_channel()

    refusal = client.is_refused(lambda: SETTLEMENTS[how](client, tag), f"the {how} of tag {tag}")

    judge(refused_for(refusal, 406, f"unknown delivery tag {tag}"))


@clause("B22", "ack-of-nothing-is-legal", production, must, owed_by=broker, source=AMQP)
def test_acknowledging_all_of_nothing_is_legal(bench: Bench) -> None:
    """Acknowledging all that is outstanding (tag 0, `multiple`) is legal when nothing is; otherwise it
    acknowledges all of it, and with another tag all up to that.

    It is sent before anything was delivered, with three messages in hand, and again. The channel must live
    on. Of three more, the first two are acknowledged together. When the channel is closed, the last and no
    other must come back. It is given back then (nack) together with one more, and both must come again.
    """
    client = bench.connect()
    client.declares("letters")
    client.consumes("letters")

    client.acknowledges_tag(0, multiple=True)
    sent = [client.publishes("letters") for _ in range(3)]
    for task in sent:
        client.receives(task)
    client.acknowledges_tag(0, multiple=True)
    client.acknowledges_tag(0, multiple=True)
    client.asks_something()
    for task in sent:
        client.finishes(task)

    more = [client.publishes("letters") for _ in range(3)]
    tags = [client.receives(task).tag for task in more]
    client.acknowledges_tag(tags[1], multiple=True)
    client.asks_something()
    client.closes_its_channel()

    bench.queue_becomes(ready=1, queue="letters")
    bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=1))
    judge(nobody_refused(client.ledger.closed))
    client.consumes("letters")
    client.receives_times(more[2], 2)
    last = client.publishes("letters")
    client.nacks_tag(client.receives(last).tag, multiple=True)
    for task, times in ((more[2], 3), (last, 2)):
        client.receives_times(task, times)


@clause("B23", "ack-after-delete", production, must, owed_by=broker, source=CONFIRMS, presumes=("B28",))
def test_acknowledging_after_the_queue_is_gone_is_no_error(bench: Bench) -> None:
    """Acknowledging a message whose queue was deleted in the meantime is no error.

    A consumer holds a message when another client deletes the queue, and is told so. It acknowledges, and its
    channel must live on.
    """
    client, receiver = bench.connect(), bench.connect()
    client.declares("letters")
    receiver.consumes("letters")
    task = client.publishes("letters")
    receiver.receives(task)
    client.deletes("letters")
    judge(is_gone("letters", bench.control.counts("letters")))
    receiver.is_cancelled()

    receiver.acknowledges(task)
    receiver.asks_something()

    bench.stays(lambda: nobody_refused(receiver.ledger.closed))


@clause("B24", "rejected-is-dead-lettered", core, must, owed_by=broker, source=DEAD_LETTERS)
@pytest.mark.parametrize("how", [Client.rejects, Client.nacks], ids=["reject", "nack"])
def test_what_is_rejected_for_good_is_dead_lettered(bench: Bench, how: Callable[..., None]) -> None:
    """A message that is rejected or nacked with `requeue` false does not come back: it is discarded, or goes
    to the queue's dead letter exchange with an `x-death` header that gives the reason `rejected`.

    Once on a queue without a dead letter exchange, once on one with. The next message must come, the queue
    must be empty when the consumer is gone, and the dead letter must say where it comes from.
    """
    client, undertaker = bench.connect(), bench.connect()
    client.declares("dead letters")
    client.declares("letters")
    client.declares("letters with a grave", **TO_DEAD_LETTERS)
    undertaker.consumes("dead letters")
    for queue in ("letters", "letters with a grave"):
        receiver = bench.connect()
        receiver.consumes(queue, prefetch=1)
        bad, good = client.publishes(queue), client.publishes(queue)

        receiver.receives(bad)
        how(receiver, bad, requeue=False)

        receiver.acknowledges(good)
        receiver.closes_its_channel()
        bench.is_left_by_consumers(queue)
        judge(still_holds(queue, bench.control.counts(queue), ready=0))

    judge(dead_lettered(undertaker.receives(bad), "letters with a grave", "rejected"))
    judge(delivered_times(undertaker.ledger.deliveries, 1))


@clause("B25", "delivery-limit", production, must, owed_by=broker, source=QUORUM, presumes=("B24",))
def test_the_delivery_limit(bench: Bench) -> None:
    """A message that every consumer gives back is delivered again and again, without end on a classic queue
    and on a quorum queue to RabbitMQ 3.13. A quorum queue from 4.0 delivers it 21 times unless another limit
    is set; then it is discarded, or dead-lettered with the reason `delivery_limit`. With `x-delivery-limit` N
    a quorum queue of any version delivers it N + 1 times.

    A consumer rejects the message each time it comes. Without a limit the thirtieth delivery must come; with
    one, the dead letter, after just so many deliveries.
    """
    most = told(bench.profile.most_deliveries, "the number of deliveries without a limit set", bench.profile)
    limits: list[tuple[dict[str, int], float]] = [({}, most)]
    if bench.setting.queue_type == "quorum":
        limits.append(({"x_delivery_limit": 3}, 4))
    client, undertaker = bench.connect(), bench.connect()
    client.declares("dead letters")
    undertaker.consumes("dead letters")
    for limit, times in limits:
        queue, receiver = f"letters, {times} deliveries", bench.connect()
        client.declares(queue, **TO_DEAD_LETTERS, **limit)
        receiver.consumes(queue, prefetch=1)
        task = client.publishes(queue)

        for number in range(1, int(min(times, 29)) + 1):
            receiver.receives_times(task, number)
            receiver.rejects(task)

        if times == math.inf:
            receiver.receives_times(task, 30)
        else:
            judge(dead_lettered(undertaker.receives(task), queue, "delivery_limit"))
            judge(delivered_times(receiver.deliveries(task), int(times)))


@clause("B26", "delivery-count", production, must, owed_by=broker, source=QUORUM, presumes=("B19",))
def test_the_delivery_count(bench: Bench) -> None:
    """A quorum queue counts in `x-delivery-count` how often the delivery of a message has failed: 1 on the
    second delivery, 2 on the third, and no header on the first. RabbitMQ from 4.3 counts in
    `x-acquired-count` beside it. A classic queue counts nothing.

    A consumer rejects a message twice, and reads the headers of its three deliveries. (Fetched by
    `basic.get`, which this clause is not about, the first may carry a 0.)
    """
    profile = bench.profile
    delivered = told(profile.counts_deliveries, "x-delivery-count", profile)
    acquired = told(profile.counts_acquisitions, "x-acquired-count", profile)
    client, receiver = bench.connect(), bench.connect()
    client.declares("letters")
    receiver.consumes("letters", prefetch=1)
    task = client.publishes("letters")

    for number in (1, 2):
        receiver.receives_times(task, number)
        receiver.rejects(task)
    receiver.receives_times(task, 3)

    judge(counted(receiver.deliveries(task), "x-delivery-count", delivered))
    judge(counted(receiver.deliveries(task), "x-acquired-count", acquired))


@clause("B27", "cancel-keeps-what-is-in-flight", production, must, owed_by=broker, source=CONSUMERS)
def test_cancelling_keeps_what_is_in_flight(bench: Bench) -> None:
    """A consumer that ends its subscription (`basic.cancel`) keeps the messages that it holds: they are still
    its own to acknowledge, and go back only with its channel.

    It holds two and cancels. Nothing may become ready again; one of them must be acknowledged without error,
    and the other come back when the channel is closed. A message that is published meanwhile must wait.
    """
    client, leaver = bench.connect(), bench.connect()
    client.declares("letters")
    sent = [client.publishes("letters") for _ in range(2)]
    consumer = leaver.consumes("letters")
    for task in sent:
        leaver.receives(task)
    bench.queue_becomes(ready=0, queue="letters")

    leaver.cancels(consumer)

    bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=0))
    client.publishes("letters")
    bench.queue_becomes(ready=1, queue="letters")
    leaver.acknowledges(sent[0])
    leaver.asks_something()
    judge(nobody_refused(leaver.ledger.closed))
    leaver.closes_its_channel()
    bench.queue_becomes(ready=2, queue="letters")


@clause("B28", "deleted-queue-cancels", production, must, owed_by=broker, source=CANCEL)
def test_a_deleted_queue_cancels_its_consumers(bench: Bench) -> None:
    """When a queue is deleted, the broker sends `basic.cancel` to each of its consumers that has announced
    `consumer_cancel_notify`, for that subscription and no other.

    Two clients consume, one of them from another queue too; then the queue is deleted. Both must be told,
    and what comes to the other queue must still be delivered.
    """
    client, one, other = bench.connect(), bench.connect(), bench.connect()
    for queue in ("letters", "parcels"):
        client.declares(queue)
    consumers = [one.consumes("letters"), other.consumes("letters")]
    other.consumes("parcels")

    client.deletes("letters")

    one.is_cancelled()
    other.is_cancelled()
    bench.stays(lambda: cancelled([*one.ledger.cancellations, *other.ledger.cancellations], consumers))
    other.receives(client.publishes("parcels"))
    judge(nobody_refused([*one.ledger.closed, *other.ledger.closed]))


@clause("B29", "no-ack-loses-with-its-consumer", core, must, owed_by=broker, source=ACKNOWLEDGMENT)
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_came_in_no_ack_mode_is_lost_with_its_consumer(bench: Bench, ending: str) -> None:
    """A message that was delivered in no-ack mode is dealt with by being delivered: it does not come back
    when its consumer ends.

    The consumer is given two messages, and ends. Neither may be ready again, while a third, published
    afterwards, must be.
    """
    client, leaver = bench.connect(), bench.connect()
    client.declares("letters")
    leaver.consumes("letters", no_ack=True)
    for _ in range(2):
        leaver.receives(client.publishes("letters"))

    ENDINGS[ending](leaver)

    bench.is_left_by_consumers("letters")
    bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=0))
    client.publishes("letters")
    bench.queue_becomes(ready=1, queue="letters")


@clause("B42", "silent-client-is-dropped", production, must, owed_by=broker, source=HEARTBEATS)
def test_a_silent_client_is_dropped(bench: Bench) -> None:
    """A client from which nothing comes any more is dropped within three of the heartbeats agreed on, and
    what it holds goes back to the queue. The broker sends heartbeats, too.

    A client with a heartbeat of a second holds a message, and hears from the broker, when its network goes:
    nothing arrives of it, and its connection is never closed. The message must be ready again within three
    heartbeats.
    """
    heartbeat = 1
    client, silent = bench.connect(), bench.connect(heartbeat=heartbeat)
    client.declares("letters")
    silent.consumes("letters")
    silent.receives(client.publishes("letters"))
    bench.queue_becomes(ready=0, queue="letters")
    silent.hears_a_heartbeat()

    silent.falls_silent()
    since = bench.history.now

    bench.queue_becomes(ready=1, queue="letters")
    judge(dropped_within(3, heartbeat, bench.history.now - since))


EXPIRING: dict[str, tuple[dict[str, int], str | None]] = {
    "x-message-ttl": ({"x_message_ttl": 100}, None),
    "expiration": ({}, "100"),
}
"""The arguments of a queue on which a message expires, and the expiration of the message."""


@clause(
    "B46",
    "expired-is-dead-lettered",
    production,
    must,
    owed_by=broker,
    source=f"{EXPIRATION}; {DEAD_LETTERS}",
)
@pytest.mark.parametrize("by", EXPIRING)
def test_what_expires_is_dead_lettered(bench: Bench, by: str) -> None:
    """A message that expires on its queue, by the queue's `x-message-ttl` or by its own `expiration`, goes to the
    queue's dead letter exchange with an `x-death` header that gives the reason `expired`: also when it was
    dead-lettered before.

    Nobody consumes from the first queue, whose dead letters go to a second one, where they expire too. The message
    must come to a third, and say where it has been.
    """
    _can_expire(bench)
    client, undertaker = bench.connect(), bench.connect()
    arguments, expiration = EXPIRING[by]
    client.declares("dead letters")
    client.declares("letters on their way", x_message_ttl=100, **TO_DEAD_LETTERS)
    on = {"x_dead_letter_exchange": "", "x_dead_letter_routing_key": "letters on their way"}
    client.declares("letters", **arguments, **on)
    undertaker.consumes("dead letters")

    task = client.publishes("letters", expiration=expiration)

    judge(died(undertaker.receives(task), ("letters on their way", "expired"), ("letters", "expired")))
    judge(delivered_times(undertaker.ledger.deliveries, 1))


@clause(
    "B47",
    "rejected-comes-round",
    production,
    must,
    owed_by=broker,
    source=DEAD_LETTERS,
    presumes=("B24", "B46"),
)
def test_what_is_rejected_comes_round(bench: Bench) -> None:
    """A message that is rejected, and whose dead letter expires on another queue that sends it back, comes again as
    often as it is rejected, and `x-death` counts how often it died in each queue.

    That is how a worker has a task tried again later. A consumer rejects the message three times, and takes it
    the fourth time.
    """
    _can_expire(bench)
    client, receiver = bench.connect(), bench.connect()
    back = {"x_dead_letter_exchange": "", "x_dead_letter_routing_key": "letters"}
    client.declares("waiting letters", x_message_ttl=100, **back)
    on = {"x_dead_letter_exchange": "", "x_dead_letter_routing_key": "waiting letters"}
    client.declares("letters", **on)
    receiver.consumes("letters", prefetch=1)
    task = client.publishes("letters")

    for number in range(1, 4):
        receiver.receives_times(task, number)
        receiver.rejects(task, requeue=False)
        again = receiver.receives_times(task, number + 1)
        judge(died(again, ("waiting letters", "expired"), ("letters", "rejected"), times=number))

    receiver.acknowledges(task)


def _can_expire(bench: Bench) -> None:
    if not told(bench.profile.lets_expire, "whether messages expire", bench.profile):
        raise NotJudged(f"no message expires on {bench.profile.name}")
