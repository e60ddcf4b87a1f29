"""Declaration: what a broker does when a queue is declared again.

Producer and worker both declare the queue that they share, so that either of them may start first. This works
because a broker does nothing if the queue is declared again with the same properties, and refuses the declaration
with an error if the properties differ.
"""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import strategies as st

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.broker_profiles import known
from workqueue_spec.bench.examples import examples
from workqueue_spec.bench.parties import Client, Receiver, wide
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.declaring import connection_refused_for, refused_for
from workqueue_spec.judgement.verdicts.keeping import is_gone, still_holds
from workqueue_spec.specification.clauses import broker, clause, core, must, production

from .sources import AMQP, DEPRECATED, QUEUES, QUORUM

ARGUMENTS = {
    "x-message-ttl": st.integers(1_000, 2**31),
    "x-expires": st.integers(60_000, 2**31),
    "x-max-length": st.integers(1, 2**31),
    "x-max-length-bytes": st.integers(1, 2**31),
    "x-dead-letter-exchange": st.text("abcdefgh.", min_size=1, max_size=20),
    "x-dead-letter-routing-key": st.text("abcdefgh.", min_size=1, max_size=20),
}
INTEGERS = ["x-message-ttl", "x-expires", "x-max-length", "x-max-length-bytes"]


@clause("B01", "equal-redeclare-changes-nothing", core, must, owed_by=broker, source=QUEUES)
def test_an_equal_declaration_changes_nothing(bench: Bench) -> None:
    """Declaring a queue again with equal properties changes nothing and loses nothing.

    The queue has messages that are ready, and one that a consumer holds. It is declared again by the client that
    declared it first, by the consumer, and by a new client. The ready messages must still be there, the message
    that the consumer holds must not have come back, and all messages must be delivered.
    """
    sender, receiver, newcomer = bench.connect_sender(), bench.connect_receiver(), bench.connect()
    properties = {"durable": True, "x_max_length": 100}
    sender.declares("letters", **properties)
    sent = [sender.publishes("letters") for _ in range(4)]
    receiver.consumes("letters", prefetch=1)
    receiver.receives(sent[0])
    bench.queue_becomes(ready=3, queue="letters")

    for each in (sender, receiver, newcomer):
        each.declares("letters", **properties)

    bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=3))
    for task in sent:
        receiver.acknowledges(task)


@clause("B02", "mismatched-properties-refused", core, must, owed_by=broker, source=QUEUES)
@pytest.mark.parametrize("other", ["durable", "auto_delete"])
def test_mismatched_properties_are_refused(bench: Bench, other: str) -> None:
    """Declaring a queue again with another value of `durable` or `auto-delete` closes the channel with 406
    PRECONDITION_FAILED. The error names what is not equivalent. The connection stays open.

    A client declares a queue, and declares it again with only one of these properties changed. The broker must
    refuse this because of that property. Then the client must be able to declare the queue with its original
    properties, on a new channel of the same connection.
    """
    client = bench.connect()
    properties = {"durable": True, "auto_delete": False}
    client.declares("letters", **properties)

    refusal = client.is_refused_when_it_declares("letters", **{**properties, other: not properties[other]})

    judge(refused_for(refusal, 406, "queue.declare", other))
    client.declares("letters", **properties)


@clause("B03", "mismatched-exclusive-refused", production, must, owed_by=broker, source=QUEUES)
@pytest.mark.parametrize("exclusive", [True, False], ids=["from exclusive", "to exclusive"])
def test_mismatched_exclusiveness_is_refused(bench: Bench, exclusive: bool) -> None:
    """Declaring a queue again with another value of `exclusive` closes the channel with 405 RESOURCE_LOCKED,
    whether the value changes from true to false or from false to true.

    The client that declared the queue declares it again with only `exclusive` changed. Then another client does
    the same. Afterwards the first client must be able to declare the queue with its original properties.
    """
    client = bench.connect()
    properties = {"durable": True, "x_queue_type": "classic"}
    client.declares("letters", exclusive=exclusive, **properties)

    for each in (client, bench.connect()):
        refusal = each.is_refused_when_it_declares("letters", exclusive=not exclusive, **properties)
        judge(refused_for(refusal, 405, "queue.declare", "letters"))

    client.declares("letters", exclusive=exclusive, **properties)


@clause("B04", "mismatched-arguments-refused", core, must, owed_by=broker, source=QUEUES)
def test_mismatched_arguments_are_refused(bench: Bench) -> None:
    """If a known argument has another value or is left out when a queue is declared again, the broker closes the
    channel with 406 PRECONDITION_FAILED. The error names the argument.

    Each known argument is tested with several values. A queue is declared with the argument, and then declared
    again. With the same value this must be accepted; with another value, and without the argument, it must be
    refused.
    """
    client = bench.connect()
    queues = (f"letters {number}" for number in itertools.count())
    for argument in taken_by(client, ARGUMENTS):
        needed: dict[str, Any] = (
            {"x-dead-letter-exchange": "dead"} if argument == "x-dead-letter-routing-key" else {}
        )
        for value, other in examples(different_pairs(ARGUMENTS[argument]), 4, bench.setting.seed):
            queue = next(queues)
            client.declares(queue, **needed, **{argument: value})
            client.declares(queue, **needed, **{argument: value})

            for arguments in ({**needed, argument: other}, needed):
                refusal = client.is_refused_when_it_declares(queue, **arguments)
                judge(refused_for(refusal, 406, "queue.declare", argument))


@clause("B05", "integer-widths-are-equivalent", production, must, owed_by=broker, source=QUEUES)
def test_integer_widths_are_equivalent(bench: Bench) -> None:
    """The width of an argument's integer makes no difference: 32 bits and 64 bits are equivalent.

    Each argument with an integer is declared in one width and again in the other width, in both orders. This must
    be accepted. Another value in the second width must be refused.
    """
    client = bench.connect()
    queues = (f"letters {number}" for number in itertools.count())
    values = examples(different_pairs(st.integers(60_000, 2**31 - 1)), 2, bench.setting.seed)
    either_way = [(wide, int), (int, wide)]
    for argument, (value, other), (first, second) in itertools.product(
        taken_by(client, INTEGERS), values, either_way
    ):
        queue = next(queues)
        client.declares(queue, **{argument: first(value)})
        client.declares(queue, **{argument: second(value)})

        refusal = client.is_refused_when_it_declares(queue, **{argument: second(other)})
        judge(refused_for(refusal, 406, "queue.declare", argument))


@clause("B06", "unknown-arguments", production, must, owed_by=broker, source=QUEUES)
def test_unknown_arguments(bench: Bench) -> None:
    """An argument that has no meaning for the broker is accepted. When the queue is declared again, the broker
    does not compare this argument (RabbitMQ), or compares it like any other (LavinMQ).

    Arguments with invented names and values of many kinds are declared. Then the queue is declared again with the
    same value, with another value, and without the argument.
    """
    compared = known(
        bench.broker_profile.compares_unknown_arguments, "unknown arguments", bench.broker_profile
    )
    client = bench.connect()
    queues = (f"letters {number}" for number in itertools.count())
    names = st.text("abcdefgh", min_size=3, max_size=12).map(lambda word: f"x-of-no-meaning-{word}")
    values = st.one_of(st.booleans(), st.integers(-(2**40), 2**40), st.text("abcdefgh.", max_size=20))
    drawn = examples(st.tuples(names, different_pairs(values)), 12, bench.setting.seed)
    for argument, (value, other) in drawn:
        queue = next(queues)
        client.declares(queue, **{argument: value})
        client.declares(queue, **{argument: value})

        for again in ({argument: other}, {}):
            if compared:
                refusal = client.is_refused_when_it_declares(queue, **again)
                judge(refused_for(refusal, 406, "queue.declare", argument))
            else:
                client.declares(queue, **again)


@clause("B07", "queue-type-left-out", production, must, owed_by=broker, source=QUEUES)
def test_a_queue_type_that_is_left_out(bench: Bench) -> None:
    """A queue that is declared without `x-queue-type` has the default type of its virtual host, which is classic
    unless another default was set. Leaving the type out is equivalent to naming the default type, and differs
    from any other type.

    A queue is declared without a type, and then again with each type: the default type must be accepted, the
    other refused. Then a queue of each type is declared again without a type: this must be accepted for the default
    type, and refused for the other.
    """
    if bench.broker_profile.has_quorum_queues is False:
        raise NotJudged(f"{bench.broker_profile.name} has one type of queue")
    default = known(bench.broker_profile.default_type, "the default queue type", bench.broker_profile)
    other = "quorum" if default == "classic" else "classic"
    client = bench.connect()

    client.declares("untyped", x_queue_type=None)
    if not bench.broker.ours and client.tries_to_declare("untyped", x_queue_type=default):
        default, other = other, default  # somebody has set it
    client.declares("untyped", x_queue_type=default)
    refusal = client.is_refused_when_it_declares("untyped", x_queue_type=other)
    judge(refused_for(refusal, 406, "queue.declare", "x-queue-type"))

    client.declares("of the default type", x_queue_type=default)
    client.declares("of the default type", x_queue_type=None)
    client.declares("of the other type", x_queue_type=other)
    refusal = client.is_refused_when_it_declares("of the other type", x_queue_type=None)
    judge(refused_for(refusal, 406, "queue.declare", "x-queue-type"))


@clause("B08", "transient-queue-allowed-or-denied", production, must, owed_by=broker, source=DEPRECATED)
def test_a_transient_queue_is_allowed_or_denied(bench: Bench) -> None:
    """A broker allows a queue that is neither durable nor exclusive, or closes the connection with 541 and names
    `transient_nonexcl_queues`. It never creates something else instead.

    A client declares such a queue. If the broker allows it, the queue must really not be durable: declaring it
    again as durable must be refused. If the broker denies it, as RabbitMQ does by default from 4.3, the error
    must say so.
    """
    client = bench.connect()
    transient = {"durable": False, "x_queue_type": "classic"}

    refusal = client.tries_to_declare("letters", **transient)

    if refusal is not None:
        judge(connection_refused_for(refusal, 541, "queue.declare", "transient_nonexcl_queues"))
        return
    client.declares("letters", **transient)
    refusal = client.is_refused_when_it_declares("letters", **{**transient, "durable": True})
    judge(refused_for(refusal, 406, "queue.declare", "durable"))


@clause("B09", "quorum-queue-must-be-durable", production, must, owed_by=broker, source=QUORUM)
@pytest.mark.parametrize(
    ("wrong", "about"),
    [
        ({"durable": False}, "durable"),
        ({"exclusive": True}, "exclusive"),
        ({"auto_delete": True}, "auto-delete"),
    ],
    ids=["not durable", "exclusive", "auto-delete"],
)
def test_a_quorum_queue_must_be_durable(bench: Bench, wrong: dict[str, bool], about: str) -> None:
    """Declaring a quorum queue as not durable, as exclusive or as auto-delete is refused with 406. The broker
    does not create a classic queue instead.

    After the refusal there must be no such queue. Declaring it as a durable quorum queue must then be accepted.
    """
    if bench.broker_profile.has_quorum_queues is False:
        raise NotJudged(f"{bench.broker_profile.name} has no quorum queues")
    client = bench.connect()

    refusal = client.is_refused_when_it_declares("letters", x_queue_type="quorum", **wrong)

    judge(refused_for(refusal, 406, "queue.declare", about))
    judge(is_gone("letters", bench.control.counts("letters")))
    client.declares("letters", x_queue_type="quorum")


@clause("B10", "missing-queue-not-found", core, must, owed_by=broker, source=AMQP)
@pytest.mark.parametrize(
    ("asked", "method"),
    [(Receiver.looks_for, "queue.declare"), (Receiver.consumes, "basic.consume")],
    ids=["passive declare", "consume"],
)
def test_a_missing_queue_is_not_found(
    bench: Bench, asked: Callable[[Receiver, str], object], method: str
) -> None:
    """Declaring a queue passively, or consuming from it, closes the channel with 404 NOT_FOUND if the queue does
    not exist. No queue is created.

    The same request must be accepted if the queue exists.
    """
    receiver = bench.connect_receiver()

    refusal = receiver.is_refused(lambda: asked(receiver, "letters"), "what is asked of a missing queue")

    judge(refused_for(refusal, 404, method, "letters"))
    judge(is_gone("letters", bench.control.counts("letters")))
    receiver.declares("letters")
    asked(receiver, "letters")


def taken_by(client: Client, names: Iterable[str]) -> list[str]:
    """The arguments among `names` that the broker accepts for this type of queue: RabbitMQ 3.8 refuses some.
    Raises NotJudged if it accepts none.
    """
    taken = []
    for name in sorted(names):
        needed = {"x-dead-letter-exchange": "dead"} if name == "x-dead-letter-routing-key" else {}
        value = 600_000 if name in INTEGERS else "dead"
        if client.tries_to_declare(f"with {name}", **needed, **{name: value}) is None:
            taken.append(name)
    if not taken:
        raise NotJudged("the broker takes none of the arguments that this clause is about")
    return taken


def different_pairs(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    """Two different values of an argument."""
    return st.tuples(values, values).filter(lambda two: two[0] != two[1])
