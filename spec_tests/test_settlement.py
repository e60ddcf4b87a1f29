"""Settlement: what happens to a message after its delivery.

A broker keeps a message until it is acknowledged. If a consumer ends, in whatever way, the messages that it has
not acknowledged go back to the queue. They are then marked as messages that may have been delivered before.
"""

import math
from collections.abc import Callable

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.broker_profiles import known
from workqueue_spec.bench.parties import Client, Receiver
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.cancelling import cancelled, dropped_within
from workqueue_spec.judgement.verdicts.confirming import arrived_whole
from workqueue_spec.judgement.verdicts.declaring import nobody_refused, refused_for
from workqueue_spec.judgement.verdicts.keeping import is_gone, still_holds
from workqueue_spec.judgement.verdicts.ordering import requeued_to
from workqueue_spec.judgement.verdicts.redelivery import (
    counts_deliveries,
    dead_lettered,
    delivered_times,
    died,
)
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
    "connection lost": Client.drops_its_connection,
    "connection reset": Client.resets_its_connection,
}


GIVEN_BACK: dict[str, Callable[[Receiver, Task], None]] = {"nack": Receiver.nacks, "reject": Receiver.rejects}

SETTLEMENTS: dict[str, Callable[[Receiver, int], None]] = {
    "ack": Receiver.acknowledges_tag,
    "nack": Receiver.nacks_tag,
    "reject": Receiver.rejects_tag,
}

TO_DEAD_LETTERS = {"x_dead_letter_exchange": "", "x_dead_letter_routing_key": "dead letters"}


@clause("B18", "unacknowledged-returns", core, must, owed_by=broker, source=ACKNOWLEDGMENT)
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_unacknowledged_returns(bench: Bench, ending: str) -> None:
    """When a consumer's channel or connection ends, in whatever way, the messages that it has not acknowledged go
    back to the queue.

    A consumer holds three messages and acknowledges the first. Then the consumer ends: it closes its channel or
    its connection, or it ends like a process that is killed (the operating system closes the connection), or like
    one whose host is gone (a reset). The other two messages, and only they, must be ready again.
    """
    sender, leaver, receiver = bench.connect_sender(), bench.connect_receiver(), bench.connect_receiver()
    sender.declares("letters")
    sent = [sender.publishes("letters") for _ in range(3)]
    leaver.consumes("letters")
    for task in sent:
        leaver.receives(task)
    leaver.acknowledges(sent[0])
    bench.queue_becomes(ready=0, queue="letters")

    ENDINGS[ending](leaver)

    bench.queue_becomes(ready=2, queue="letters")
    receiver.consumes("letters")
    for task in sent[1:]:
        receiver.receives(task)


@clause("B19", "redelivered-is-marked", core, must, owed_by=broker, source=CONFIRMS, presumes=("B18",))
@pytest.mark.parametrize("how", [*ENDINGS, *GIVEN_BACK])
def test_a_returned_message_is_marked(bench: Bench, how: str) -> None:
    """A message that was delivered and went back to the queue is delivered again as it was published, with
    `redelivered` set. A message that was never delivered before comes without `redelivered`.

    A consumer takes three messages. It ends without acknowledging them, or requeues them by nack or reject.
    Another consumer, or the same one, must get these three marked as redelivered, and must get messages that are
    published afterwards without the mark.
    """
    sender, taker = bench.connect_sender(), bench.connect_receiver()
    sender.declares("letters")
    seen = [sender.publishes("letters") for _ in range(3)]
    # One that ends holds as many as it may: until the broker knows of its end it would be given those after.
    taker.consumes("letters", prefetch=3 if how in ENDINGS else 6)
    for task in seen:
        judge(marked_new(taker.receives(task)))

    if how in ENDINGS:
        receiver, times = bench.connect_receiver(), 1
        ENDINGS[how](taker)
        receiver.consumes("letters")
    else:
        receiver, times = taker, 2
        for task in seen:
            GIVEN_BACK[how](taker, task)
    fresh = [sender.publishes("letters") for _ in range(3)]

    for task in seen:
        delivery = receiver.receives_times(task, times)
        judge(marked_redelivered(delivery))
        (published,) = sender.ledger.carrying(task.mark)
        judge(arrived_whole(published, delivery))
    for task in fresh:
        judge(marked_new(receiver.receives(task)))


@clause("B20", "place-of-the-returned", production, must, owed_by=broker, source=QUORUM, presumes=("B16",))
@pytest.mark.parametrize("how", ["nack", "reject", "channel closed"])
def test_the_place_of_a_returned_message(bench: Bench, how: str) -> None:
    """A message that goes back to a classic queue takes its old place. On a quorum queue such a message is
    delivered ahead of those that were never delivered, with one exception: up to RabbitMQ 3.13, on a queue
    without a delivery limit, a message that is nacked or rejected goes to the tail.

    A consumer takes two of five messages and cancels its subscription. It then gives the two back: it nacks or
    rejects them, the later one first, or closes its channel. Another consumer must get all five messages in the
    order that is right for this queue.
    """
    profile = bench.broker_profile
    returned = profile.returned_goes if how == "channel closed" else profile.nacked_goes
    place = known(returned, "the place of a message that is given back", profile)
    sender, leaver, receiver = bench.connect_sender(), bench.connect_receiver(), bench.connect_receiver()
    sender.declares("letters")
    sent = [sender.publishes("letters") for _ in range(5)]
    consumer = leaver.consumes("letters", prefetch=2)
    for task in sent[:2]:
        leaver.receives(task)
    leaver.cancels(consumer)

    if how == "channel closed":
        leaver.closes_its_channel()
    else:
        for task in (sent[1], sent[0]):
            GIVEN_BACK[how](leaver, task)
        leaver.is_answered()

    bench.queue_becomes(ready=5, queue="letters")
    receiver.consumes("letters")
    for task in sent:
        receiver.receives(task)
    judge(requeued_to(place, receiver.ledger, sent[:2], sent[2:]))


@clause("B21", "unknown-delivery-tag", core, must, owed_by=broker, source=CONFIRMS)
@pytest.mark.parametrize("which", ["never delivered", "twice", "another channel", "no-ack mode"])
@pytest.mark.parametrize("how", SETTLEMENTS)
def test_an_unknown_delivery_tag_is_refused(bench: Bench, which: str, how: str) -> None:
    """Acknowledging a delivery tag that is not outstanding on the channel closes that channel with 406
    PRECONDITION_FAILED, unknown delivery tag. This holds for a tag that was never delivered, was acknowledged
    before, belongs to another channel, or came in no-ack mode. A nack or reject of such a tag has the same
    effect.

    A message is delivered. Its tag, or the tag after it, is then settled in a way that is not allowed.
    """
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("letters")
    receiver.consumes("letters", no_ack=which == "no-ack mode")
    task = sender.publishes("letters")
    tag = receiver.receives(task).tag
    if which == "never delivered":
        tag += 1
    elif which == "twice":
        receiver.acknowledges(task)
    elif which == "another channel":
        receiver.opens_a_channel()

    refusal = receiver.is_refused(lambda: SETTLEMENTS[how](receiver, tag), f"the {how} of tag {tag}")

    judge(refused_for(refusal, 406, f"basic.{how}", f"delivery tag {tag}"))


@clause("B22", "ack-of-nothing-is-legal", production, must, owed_by=broker, source=AMQP, presumes=("B34",))
def test_acknowledging_all_of_nothing_is_legal(bench: Bench) -> None:
    """Acknowledging all outstanding messages (tag 0, `multiple`) is legal if there are none. If there are some,
    it acknowledges all of them. With another tag and `multiple`, it acknowledges all messages up to that tag.

    Tag 0 is acknowledged before anything was delivered, then while three messages are held, and then once more.
    The channel must stay open. Of three more messages, the first two are acknowledged together. When the channel
    is closed, the last message and no other must come back. This message is then nacked together with one more,
    and both must be delivered again.
    """
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("letters")
    receiver.consumes("letters")

    receiver.acknowledges_tag(0, multiple=True)
    sent = [sender.publishes("letters") for _ in range(3)]
    for task in sent:
        receiver.receives(task)
    receiver.acknowledges_tag(0, multiple=True)
    receiver.acknowledges_tag(0, multiple=True)
    receiver.is_answered()
    for task in sent:
        receiver.finishes(task)

    more = [sender.publishes("letters") for _ in range(3)]
    tags = [receiver.receives(task).tag for task in more]
    receiver.acknowledges_tag(tags[1], multiple=True)
    receiver.is_answered()
    receiver.closes_its_channel()

    bench.queue_becomes(ready=1, queue="letters")
    bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=1))
    judge(nobody_refused(receiver.ledger.closed))
    receiver.consumes("letters")
    receiver.receives_times(more[2], 2)
    last = sender.publishes("letters")
    receiver.nacks_tag(receiver.receives(last).tag, multiple=True)
    for task, times in ((more[2], 3), (last, 2)):
        receiver.receives_times(task, times)


@clause("B23", "ack-after-delete", production, must, owed_by=broker, source=CONFIRMS, presumes=("B28",))
def test_acknowledging_after_the_queue_is_gone_is_no_error(bench: Bench) -> None:
    """Acknowledging a message is not an error if its queue was deleted in the meantime.

    A consumer holds a message when another client deletes the queue, and the broker tells the consumer so. The
    consumer acknowledges the message, and its channel must stay open.
    """
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("letters")
    receiver.consumes("letters")
    task = sender.publishes("letters")
    receiver.receives(task)
    sender.deletes("letters")
    judge(is_gone("letters", bench.control.counts("letters")))
    receiver.is_cancelled()

    receiver.acknowledges(task)
    receiver.is_answered()

    bench.stays(lambda: nobody_refused(receiver.ledger.closed))


@clause("B24", "rejected-is-dead-lettered", core, must, owed_by=broker, source=DEAD_LETTERS)
@pytest.mark.parametrize("how", [Receiver.rejects, Receiver.nacks], ids=["reject", "nack"])
def test_what_is_rejected_for_good_is_dead_lettered(bench: Bench, how: Callable[..., None]) -> None:
    """A message that is rejected or nacked with `requeue` false does not come back. It is discarded; or, if the
    queue has a dead letter exchange, it goes there with an `x-death` header that gives the reason `rejected`.

    The test uses a queue without a dead letter exchange, and a queue with one. The next message must be
    delivered, the queue must be empty when the consumer is gone, and the dead letter must say which queue it
    comes from.
    """
    sender, dead_letter_receiver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("dead letters")
    sender.declares("letters")
    sender.declares("letters that are dead-lettered", **TO_DEAD_LETTERS)
    dead_letter_receiver.consumes("dead letters")
    for queue in ("letters", "letters that are dead-lettered"):
        receiver = bench.connect_receiver()
        receiver.consumes(queue, prefetch=1)
        bad, good = sender.publishes(queue), sender.publishes(queue)

        receiver.receives(bad)
        how(receiver, bad, requeue=False)

        receiver.acknowledges(good)
        receiver.closes_its_channel()
        bench.queue_loses_its_consumers(queue)
        judge(still_holds(queue, bench.control.counts(queue), ready=0))

    judge(dead_lettered(dead_letter_receiver.receives(bad), "letters that are dead-lettered", "rejected"))
    judge(delivered_times(dead_letter_receiver.ledger.deliveries, 1))


@clause("B25", "delivery-limit", production, must, owed_by=broker, source=QUORUM, presumes=("B24",))
def test_the_delivery_limit(bench: Bench) -> None:
    """A message that every consumer requeues is delivered again and again. On a classic queue, and on a quorum
    queue up to RabbitMQ 3.13, this goes on without end. A quorum queue from RabbitMQ 4.0 delivers it 21 times
    unless another limit is set; then the message is discarded, or dead-lettered with the reason `delivery_limit`.
    With `x-delivery-limit` N a quorum queue of any version delivers it N + 1 times.

    A consumer rejects the message each time it is delivered. Without a limit the thirtieth delivery must come.
    With a limit the dead letter must come after exactly the number of deliveries that the limit allows.
    """
    most = known(
        bench.broker_profile.most_deliveries,
        "the number of deliveries without a limit set",
        bench.broker_profile,
    )
    limits: list[tuple[dict[str, int], float]] = [({}, most)]
    if bench.setting.queue_type == "quorum":
        limits.append(({"x_delivery_limit": 3}, 4))
    sender, dead_letter_receiver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("dead letters")
    dead_letter_receiver.consumes("dead letters")
    for limit, times in limits:
        queue, receiver = f"letters, {times} deliveries", bench.connect_receiver()
        sender.declares(queue, **TO_DEAD_LETTERS, **limit)
        receiver.consumes(queue, prefetch=1)
        task = sender.publishes(queue)

        for number in range(1, int(min(times, 29)) + 1):
            receiver.receives_times(task, number)
            receiver.rejects(task)

        if times == math.inf:
            receiver.receives_times(task, 30)
        else:
            judge(dead_lettered(dead_letter_receiver.receives(task), queue, "delivery_limit"))
            judge(delivered_times(receiver.deliveries(task), int(times)))


@clause("B26", "delivery-count", production, must, owed_by=broker, source=QUORUM, presumes=("B19",))
def test_the_delivery_count(bench: Bench) -> None:
    """A quorum queue counts in `x-delivery-count` how often the delivery of a message has failed: the header is 1
    on the second delivery, 2 on the third, and is absent on the first. RabbitMQ from 4.3 also counts in
    `x-acquired-count`. A classic queue counts nothing.

    A consumer rejects a message twice, and reads the headers of its three deliveries. (This clause is not about
    `basic.get`: if a message is fetched that way, its first delivery may carry a 0.)
    """
    profile = bench.broker_profile
    delivered = known(profile.counts_deliveries, "x-delivery-count", profile)
    acquired = known(profile.counts_acquisitions, "x-acquired-count", profile)
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("letters")
    receiver.consumes("letters", prefetch=1)
    task = sender.publishes("letters")

    for number in (1, 2):
        receiver.receives_times(task, number)
        receiver.rejects(task)
    receiver.receives_times(task, 3)

    judge(counts_deliveries(receiver.deliveries(task), "x-delivery-count", delivered))
    judge(counts_deliveries(receiver.deliveries(task), "x-acquired-count", acquired))


@clause("B27", "cancel-keeps-what-is-in-flight", production, must, owed_by=broker, source=CONSUMERS)
def test_cancelling_keeps_what_is_in_flight(bench: Bench) -> None:
    """A consumer that ends its subscription (`basic.cancel`) keeps the messages that it holds. It can still
    acknowledge them, and they go back to the queue only when its channel ends.

    A consumer holds two messages and cancels. Nothing may become ready again. The consumer must be able to
    acknowledge one of the two without an error, and the other must come back when the channel is closed. A
    message that is published in the meantime must wait on the queue.
    """
    sender, leaver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("letters")
    sent = [sender.publishes("letters") for _ in range(2)]
    consumer = leaver.consumes("letters")
    for task in sent:
        leaver.receives(task)
    bench.queue_becomes(ready=0, queue="letters")

    leaver.cancels(consumer)

    bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=0))
    sender.publishes("letters")
    bench.queue_becomes(ready=1, queue="letters")
    leaver.acknowledges(sent[0])
    leaver.is_answered()
    judge(nobody_refused(leaver.ledger.closed))
    leaver.closes_its_channel()
    bench.queue_becomes(ready=2, queue="letters")


@clause("B28", "deleted-queue-cancels", production, must, owed_by=broker, source=CANCEL)
def test_a_deleted_queue_cancels_its_consumers(bench: Bench) -> None:
    """When a queue is deleted, the broker sends `basic.cancel` to each of its consumers that has announced
    `consumer_cancel_notify`, for that subscription and no other.

    Two clients consume from the queue, and one of them also consumes from another queue. Then the first queue is
    deleted. Both clients must be told, and a message for the other queue must still be delivered.
    """
    sender, one, other = bench.connect_sender(), bench.connect_receiver(), bench.connect_receiver()
    for queue in ("letters", "parcels"):
        sender.declares(queue)
    consumers = [one.consumes("letters"), other.consumes("letters")]
    other.consumes("parcels")

    sender.deletes("letters")

    one.is_cancelled()
    other.is_cancelled()
    bench.stays(lambda: cancelled([*one.ledger.cancellations, *other.ledger.cancellations], consumers))
    other.receives(sender.publishes("parcels"))
    judge(nobody_refused([*one.ledger.closed, *other.ledger.closed]))


@clause("B29", "no-ack-loses-with-its-consumer", core, must, owed_by=broker, source=ACKNOWLEDGMENT)
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_came_in_no_ack_mode_is_lost_with_its_consumer(bench: Bench, ending: str) -> None:
    """A message that is delivered in no-ack mode is settled by its delivery: it does not come back when its
    consumer ends.

    A consumer gets two messages, and ends. Neither of them may be ready again. A third message, which is
    published afterwards, must be ready.
    """
    sender, leaver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("letters")
    leaver.consumes("letters", no_ack=True)
    for _ in range(2):
        leaver.receives(sender.publishes("letters"))

    ENDINGS[ending](leaver)

    bench.queue_loses_its_consumers("letters")
    bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=0))
    sender.publishes("letters")
    bench.queue_becomes(ready=1, queue="letters")


@clause("B42", "silent-client-is-dropped", production, must, owed_by=broker, source=HEARTBEATS)
def test_a_silent_client_is_dropped(bench: Bench) -> None:
    """If nothing arrives from a client any more, the broker drops the client within three of the agreed heartbeat
    intervals, and the messages that the client holds go back to the queue. The broker sends heartbeats, too.

    A client with a heartbeat of one second holds a message, and has received a heartbeat from the broker. Then
    its network fails: nothing arrives from the client any more, and its connection is never closed. The message
    must be ready again within three heartbeat intervals. The test allows one interval more, because a broker
    checks its clients only once in each interval.
    """
    heartbeat = 1
    sender, silent = bench.connect_sender(), bench.connect_receiver(heartbeat=heartbeat)
    sender.declares("letters")
    silent.consumes("letters")
    silent.receives(sender.publishes("letters"))
    bench.queue_becomes(ready=0, queue="letters")
    silent.receives_a_heartbeat()

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
    queue's dead letter exchange with an `x-death` header that gives the reason `expired`, even if the message was
    dead-lettered before.

    Nobody consumes from the first queue. Its dead letters go to a second queue, where they expire too. The message
    must come to a third queue, and its `x-death` must name the first two.
    """
    _can_expire(bench)
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    arguments, expiration = EXPIRING[by]
    sender.declares("dead letters")
    sender.declares("expired letters", x_message_ttl=100, **TO_DEAD_LETTERS)
    to_the_second = {"x_dead_letter_exchange": "", "x_dead_letter_routing_key": "expired letters"}
    sender.declares("letters", **arguments, **to_the_second)
    receiver.consumes("dead letters")

    task = sender.publishes("letters", expiration=expiration)

    judge(died(receiver.receives(task), ("expired letters", "expired"), ("letters", "expired")))
    judge(delivered_times(receiver.ledger.deliveries, 1))


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
    """If a rejected message is dead-lettered to a second queue, and expires there and is dead-lettered back to the
    first queue, it comes back each time that it is rejected. Its `x-death` header counts how often it died in each
    queue.

    A worker can have a task tried again later in this way. A consumer rejects the message three times, and takes it
    the fourth time.
    """
    _can_expire(bench)
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    back = {"x_dead_letter_exchange": "", "x_dead_letter_routing_key": "letters"}
    sender.declares("waiting letters", x_message_ttl=100, **back)
    to_the_second = {"x_dead_letter_exchange": "", "x_dead_letter_routing_key": "waiting letters"}
    sender.declares("letters", **to_the_second)
    receiver.consumes("letters", prefetch=1)
    task = sender.publishes("letters")

    for number in range(1, 4):
        receiver.receives_times(task, number)
        receiver.rejects(task, requeue=False)
        again = receiver.receives_times(task, number + 1)
        judge(died(again, ("waiting letters", "expired"), ("letters", "rejected"), times=number))

    receiver.acknowledges(task)


def _can_expire(bench: Bench) -> None:
    """Raises NotJudged if messages do not expire on this broker."""
    if not known(bench.broker_profile.lets_expire, "whether messages expire", bench.broker_profile):
        raise NotJudged(f"no message expires on {bench.broker_profile.name}")
