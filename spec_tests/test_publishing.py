"""Publishing: what a broker says to a publisher, and what it hands on.

A publisher does not know that a message is safe until the broker has confirmed it. What it knows then, and
what it does not, is told by these clauses: a confirm says that the message was dealt with, and not that it
reached a queue.
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
"""All but `expiration`, which would have the message expire, `cluster_id`, which is out of use, and
`user_id`, which must be the publisher's. From 2**32 on, a time would be read as milliseconds by pamqp, and not go
on as it came through a broker's lie about something else."""
EDGES = [b"", b"\x00", b"\xce", bytes(range(256)), b"long" * 70_000]
"""Nothing at all, a zero, the octet that ends a frame, all octets, and more than one frame holds."""


@clause("B34", "one-confirm-each", production, must, owed_by=broker, source=CONFIRMS)
def test_each_message_is_confirmed_once(bench: Bench) -> None:
    """On a channel in confirm mode every message is answered with exactly one ack or nack, perhaps several by
    one (`multiple`), perhaps out of order.

    A message is published to a queue, one to a queue that is full and nacks, and one to no queue at all, each
    alone, and again, five times; then some of them at once, and when each has its answer some more, twenty
    times. A confirm that is left out would be covered by a later one for several, so none may be missing in
    between. In the end no second answer may come.
    """
    sender = bench.connect_sender()
    sender.declares("letters")
    full = {"x_max_length": 1, "x_overflow": "reject-publish", "x_queue_type": "classic"}
    sender.declares("a full queue", **full)

    keys = ["letters", "letters", "a full queue", "no queue"]
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
    """A message that is mandatory and goes to no queue comes back by `basic.return` with 312 NO_ROUTE, as it was
    published, and is acked after that.

    A message that goes to a queue is acked and does not come back; then one is published to a queue that is
    not there.
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
    """A message that is not mandatory and goes to no queue is dropped, and acked all the same.

    It is published to a queue that is not there; the ack must come and nothing else, and the message must not
    be on the queue when that is declared afterwards.
    """
    sender = bench.connect_sender()

    sender.offers("letters", b"to nowhere")

    bench.stays(lambda: acked_without_return(sender.ledger.replies))
    sender.declares("letters")
    sender.publishes("letters")
    bench.queue_becomes(ready=1, queue="letters")


@clause("B38", "reject-publish-nacks", production, must, owed_by=broker, source=LENGTH_LIMIT)
def test_a_full_queue_nacks(bench: Bench) -> None:
    """A queue that is full, and is to reject what is published then (`x-overflow` `reject-publish`), answers
    with a nack, and keeps what it has.

    Messages are published to a queue for three, one after the other, until one is nacked: a quorum queue
    notices a little late. Those that were acked must be delivered, those that were nacked must not.
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
    """Publishing to an exchange that does not exist closes the channel with 404 NOT_FOUND, which the
    publisher sees at the next thing that it does.
    """
    sender = bench.connect_sender()

    refusal = sender.is_refused(
        lambda: sender.publishes_without_confirm("letters", exchange="no such exchange"), "a missing exchange"
    )

    judge(refused_for(refusal, 404, "no exchange 'no such exchange'"))
    sender.publishes_without_confirm("letters", exchange="amq.direct")
    sender.is_answered()


@clause("B41", "arrives-byte-for-byte", core, must, owed_by=broker, source=AMQP)
def test_messages_arrive_byte_for_byte(bench: Bench) -> None:
    """Body and properties of a message arrive as they were published, byte for byte, the empty body too; and the
    exchange and the routing key that it was published with are told.

    Bodies of any bytes, no bytes and more than fill a frame among them, with each of the properties and with
    several, and with headers of any kind, nested ones too. What the broker adds to the headers of its own is
    let pass.
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
