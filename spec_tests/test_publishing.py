"""Publishing: what a broker says to a publisher, and what it delivers.

A publisher does not know that a message is safe until the broker has confirmed it. These clauses say what the
publisher knows then, and what it does not know: a confirm says that the broker has dealt with the message, not
that the message has reached a queue.
"""

from typing import Any

import pika
from hypothesis import strategies as st

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.examples import examples
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import Broken, NotJudged, Verdict, judge
from workqueue_spec.judgement.verdicts.confirming import (
    acked,
    acked_without_return,
    arrived_whole,
    confirmed_once,
    nacked,
    returned_then_acked,
)
from workqueue_spec.judgement.verdicts.declaring import refused_for
from workqueue_spec.judgement.verdicts.keeping import never_delivered, still_holds
from workqueue_spec.specification.clauses import broker, clause, core, must, production

from .sources import AMQP, CONFIRMS, LENGTH_LIMIT, PUBLISHERS

WORDS = st.text("abcdefgh.-: äß水", min_size=1, max_size=20)
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**62), 2**62), st.text(max_size=30), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=5,
)
PROPERTIES = {
    "content_type": WORDS,
    "content_encoding": WORDS,
    "headers": st.dictionaries(WORDS, VALUES, min_size=1, max_size=4),
    "delivery_mode": st.sampled_from([1, 2]),
    "priority": st.integers(0, 9),
    "correlation_id": WORDS,
    "reply_to": WORDS,
    "message_id": WORDS,
    "timestamp": st.integers(0, 2**32 - 1),
    "type": WORDS,
    "app_id": WORDS,
}
"""All properties except `expiration`, with which the message would expire, `cluster_id`, which is no longer used,
and `user_id`, which must be the publisher's. pamqp reads a timestamp of 2**32 or more as milliseconds, so such a
message would be changed by a broker's lie that is about something else."""
EDGES = [b"", b"\x00", b"\xce", bytes(range(256)), b"long" * 70_000]
"""No octet, a zero, the octet that ends a frame, all octets, and more octets than one frame holds."""


@clause("B34", "one-confirm-each", production, must, owed_by=broker, source=CONFIRMS)
def test_each_message_is_confirmed_once(bench: Bench) -> None:
    """On a channel in confirm mode the broker replies to every message with exactly one ack or nack. One ack or
    nack may stand for several messages (`multiple`), and the replies may come out of order.

    Messages go to a queue, to a queue that is full and nacks, to a queue that is not durable (if the broker allows
    it), and to no queue at all. First they are published one at a time, five times over. Then several are published
    at once, twenty times; each time only after all earlier messages have their reply. A later confirm for several
    messages would hide a confirm that is missing, so none may be missing in between. At the end no second reply may
    come.
    """
    sender = bench.connect_sender()
    sender.declares("letters")
    full = {"x_max_length": 1, "x_overflow": "reject-publish", "x_queue_type": "classic"}
    sender.declares("a full queue", **full)

    keys = ["letters", "letters", "a full queue", "no queue"]
    if bench.connect().tries_to_declare("in memory", durable=False, x_queue_type="classic") is None:
        keys.append("in memory")
    published: list[Task] = []

    def each_once() -> Verdict:
        return confirmed_once(sender.ledger, len(published))

    sizes = bench.random.choices([1, 2, 5, 20], k=20)
    for some in [*([key] for key in keys * 5), *(bench.random.choices(keys, k=size) for size in sizes)]:
        published += sender.publishes_at_once(some)
        bench.eventually(each_once)
    bench.stays(each_once)


@clause("B36", "return-before-ack", production, must, owed_by=broker, source=PUBLISHERS)
def test_what_cannot_be_routed_is_returned_before_it_is_acked(bench: Bench) -> None:
    """A message that is mandatory and reaches no queue comes back by `basic.return` with 312 NO_ROUTE, as it was
    published. It is acked after that.

    First a message that reaches a queue must be acked and must not come back. Then a message is published to a
    queue that does not exist.
    """
    sender = bench.connect_sender()
    sender.declares("letters")
    sender.offers("letters", b"of use", mandatory=True)
    judge(acked_without_return(sender.ledger.replies))

    properties = pika.BasicProperties(message_id="one", headers={"to": "nowhere"})
    lost = sender.offers("no such queue", b"to nowhere", mandatory=True, properties=properties)

    judge(returned_then_acked(sender.ledger.replies[1:], lost))


@clause("B37", "unroutable-is-acked", production, must, owed_by=broker, source=PUBLISHERS)
def test_what_cannot_be_routed_is_acked(bench: Bench) -> None:
    """A message that is not mandatory and reaches no queue is dropped, but it is acked all the same.

    The message is published to a queue that does not exist. The ack must come, and nothing else. The queue is
    declared afterwards, and the message must not be on it.
    """
    sender = bench.connect_sender()

    sender.offers("letters", b"to nowhere")

    bench.stays(lambda: acked_without_return(sender.ledger.replies))
    sender.declares("letters")
    sender.publishes("letters")
    bench.queue_becomes(ready=1, queue="letters")


@clause("B38", "reject-publish-nacks", production, must, owed_by=broker, source=LENGTH_LIMIT)
def test_a_full_queue_nacks(bench: Bench) -> None:
    """If a queue is full and its `x-overflow` is `reject-publish`, the broker nacks a message that is published
    to it, and the queue keeps the messages that it has.

    Messages are published one after the other to a queue that has room for three, until one is nacked: a quorum
    queue notices a little late that it is full. The messages that were acked must be delivered. The messages that
    were nacked must not be delivered. When the queue has room again, a message must be acked.
    """
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    if refusal := sender.tries_to_declare("letters", x_max_length=3, x_overflow="reject-publish"):
        raise NotJudged(f"the broker has no such overflow for this type of queue: {refusal.text}")
    offered = []
    for _ in range(50):
        offered.append(task := bench.task())
        if sender.offers("letters", task.body).confirmed_by == "Basic.Nack":
            break
    else:
        raise Broken("a nack from a queue for three messages", "50 acks")
    judge(nacked(sender.offers("letters", bench.task().body)))
    taken, refused = offered[:-1], offered[-1:]
    judge(still_holds("letters", bench.control.counts("letters"), ready=len(taken)))

    receiver.consumes("letters")

    for task in taken:
        receiver.receives(task)
    bench.stays(lambda: never_delivered(receiver.ledger, refused))
    for task in taken:
        receiver.acknowledges(task)
    judge(acked(sender.offers("letters", b"with room again")))


@clause("B39", "missing-exchange-not-found", production, must, owed_by=broker, source=AMQP)
def test_a_missing_exchange_is_not_found(bench: Bench) -> None:
    """Publishing to an exchange that does not exist closes the channel with 404 NOT_FOUND. The publisher sees
    this at the next thing that it does.
    """
    sender = bench.connect_sender()

    refusal = sender.is_refused(
        lambda: sender.publishes_without_confirm("letters", exchange="no such exchange"), "a missing exchange"
    )

    judge(refused_for(refusal, 404, "basic.publish", "no such exchange"))
    sender.publishes_without_confirm("letters", exchange="amq.direct")
    sender.is_answered()


@clause("B41", "arrives-byte-for-byte", core, must, owed_by=broker, source=AMQP)
def test_messages_arrive_byte_for_byte(bench: Bench) -> None:
    """The body and the properties of a message arrive as they were published, byte for byte. This holds for an
    empty body, too. The delivery names the exchange and the routing key with which the message was published.

    Bodies of any bytes are published, among them an empty one and one that fills more than a frame. They come
    with each of the properties alone, with several together, and with headers of any kind, nested ones too.
    Headers that the broker itself adds are allowed.
    """
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("letters")
    receiver.consumes("letters")
    seed, known = bench.setting.seed, {**PROPERTIES, "user_id": st.just(bench.broker.address.user)}
    bodies, any_of_them = st.binary(max_size=300), st.fixed_dictionaries({}, optional=known)
    messages: list[tuple[bytes, dict[str, Any]]] = [(body, {}) for body in EDGES]
    for name, values in known.items():
        messages += examples(st.tuples(bodies, st.fixed_dictionaries({name: values})), 2, seed)
    messages += examples(st.tuples(bodies | st.sampled_from(EDGES), any_of_them), 25, seed)

    for number, (body, properties) in enumerate(messages):
        published = sender.offers("letters", body, properties=pika.BasicProperties(**properties))
        judge(acked(published))

        judge(arrived_whole(published, receiver.receives_after(number)))
