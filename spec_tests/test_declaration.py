"""Declaration: what a broker makes of a queue that is asked for again.

Producer and worker both declare the queue they share, so that either may come first. That works because
declaring it again with the same properties does nothing, and because other properties are refused loudly.
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

    A queue with messages ready, and one in a consumer's hands, is declared again: by the same client, by the
    consumer, and by a newcomer. The ready messages must still be there, the other must not have come back,
    and all of them must be delivered.
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
    """Declaring a queue again with another durable or auto-delete closes the channel with 406
    PRECONDITION_FAILED, naming what is not equivalent; the connection lives on.

    A client declares a queue, and declares it again with the one property changed; it must be refused for
    that property, and then declare the queue as it is on a new channel of the same connection.
    """
    client = bench.connect()
    properties = {"durable": True, "auto_delete": False}
    client.declares("letters", **properties)

    refusal = client.is_refused_when_it_declares("letters", **{**properties, other: not properties[other]})

    judge(refused_for(refusal, 406, f"inequivalent arg '{other}' for queue 'letters'"))
    client.declares("letters", **properties)


@clause("B03", "mismatched-exclusive-refused", production, must, owed_by=broker, source=QUEUES)
@pytest.mark.parametrize("exclusive", [True, False], ids=["from exclusive", "to exclusive"])
def test_mismatched_exclusiveness_is_refused(bench: Bench, exclusive: bool) -> None:
    """Declaring a queue again with another `exclusive`, in either direction, closes the channel with 405
    RESOURCE_LOCKED.

    The client that declared it asks again, with that one property changed, and then another client does. The
    first must be able to declare it as it is afterwards.
    """
    client = bench.connect()
    properties = {"durable": True, "x_queue_type": "classic"}
    client.declares("letters", exclusive=exclusive, **properties)

    for each in (client, bench.connect()):
        refusal = each.is_refused_when_it_declares("letters", exclusive=not exclusive, **properties)
        judge(refused_for(refusal, 405, "exclusive access to locked queue 'letters'"))

    client.declares("letters", exclusive=exclusive, **properties)


@clause("B04", "mismatched-arguments-refused", core, must, owed_by=broker, source=QUEUES)
def test_mismatched_arguments_are_refused(bench: Bench) -> None:
    """Declaring a queue again with a known argument that differs or is left out closes the
    channel with 406 PRECONDITION_FAILED, naming the argument.

    Each argument with some values, declared, then declared again as it is (which must be accepted), with
    another value, and without it.
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
                judge(refused_for(refusal, 406, f"inequivalent arg '{argument}' for queue '{queue}'"))


@clause("B05", "integer-widths-are-equivalent", production, must, owed_by=broker, source=QUEUES)
def test_integer_widths_are_equivalent(bench: Bench) -> None:
    """The width in which an argument's integer is sent makes no difference: 32 bits and 64 are equivalent.

    Each argument is declared in one width and again in the other, either way round, which must be accepted;
    and another value in the other width must be refused.
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
        judge(refused_for(refusal, 406, f"inequivalent arg '{argument}' for queue '{queue}'"))


@clause("B06", "unknown-arguments", production, must, owed_by=broker, source=QUEUES)
def test_unknown_arguments(bench: Bench) -> None:
    """An argument that means nothing to the broker is accepted, and is not compared when the queue is
    declared again (RabbitMQ), or compared as any other (LavinMQ).

    Arguments of invented names and values of many kinds are declared, then declared with another value and
    left out.
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
                judge(refused_for(client.is_refused_when_it_declares(queue, **again), 406, argument))
            else:
                client.declares(queue, **again)


@clause("B07", "queue-type-left-out", production, must, owed_by=broker, source=QUEUES)
def test_a_queue_type_that_is_left_out(bench: Bench) -> None:
    """A queue that is declared without `x-queue-type` has the type that is the virtual host's default,
    classic unless that was set: to leave it out is equivalent to that type, and differs from any other.

    A queue is declared without a type, and again as either type: the default must be accepted, the other
    refused. Then queues of either type are declared again without one.
    """
    default = known(bench.broker_profile.default_type, "the default queue type", bench.broker_profile)
    other = "quorum" if default == "classic" else "classic"
    client = bench.connect()
    about = "inequivalent arg 'x-queue-type' for queue"

    client.declares("untyped", x_queue_type=None)
    if not bench.broker.controllable and client.tries_to_declare("untyped", x_queue_type=default):
        default, other = other, default  # somebody has set it
    client.declares("untyped", x_queue_type=default)
    judge(refused_for(client.is_refused_when_it_declares("untyped", x_queue_type=other), 406, about))

    client.declares("of the default type", x_queue_type=default)
    client.declares("of the default type", x_queue_type=None)
    client.declares("of the other type", x_queue_type=other)
    refusal = client.is_refused_when_it_declares("of the other type", x_queue_type=None)
    judge(refused_for(refusal, 406, about))


@clause("B08", "transient-queue-allowed-or-denied", production, must, owed_by=broker, source=DEPRECATED)
def test_a_transient_queue_is_allowed_or_denied(bench: Bench) -> None:
    """A queue that is neither durable nor exclusive is allowed, or the connection is closed with 541 naming
    `transient_nonexcl_queues`: it is never made into something else.

    One is asked for. Where the broker allows it, it must be a queue that is not durable: to declare it as
    durable must be refused. Where it denies it (from RabbitMQ 4.3 by default), it must say so.
    """
    client = bench.connect()
    transient = {"durable": False, "x_queue_type": "classic"}

    refusal = client.tries_to_declare("letters", **transient)

    if refusal is not None:
        judge(connection_refused_for(refusal, 541, "transient_nonexcl_queues"))
        return
    client.declares("letters", **transient)
    refusal = client.is_refused_when_it_declares("letters", **{**transient, "durable": True})
    judge(refused_for(refusal, 406, "inequivalent arg 'durable' for queue 'letters'"))


@clause("B09", "quorum-queue-must-be-durable", production, must, owed_by=broker, source=QUORUM)
@pytest.mark.parametrize(
    ("wrong", "about"),
    [
        ({"durable": False}, "invalid property 'non-durable' for queue 'letters'"),
        ({"exclusive": True}, "invalid property 'exclusive-owner' for queue 'letters'"),
        ({"auto_delete": True}, "invalid property 'auto-delete' for queue 'letters'"),
    ],
    ids=["not durable", "exclusive", "auto-delete"],
)
def test_a_quorum_queue_must_be_durable(bench: Bench, wrong: dict[str, bool], about: str) -> None:
    """A quorum queue that is asked for as not durable, exclusive or auto-delete is refused with 406, and is
    not made into a classic queue instead.

    Afterwards there must be no such queue; and as a durable one it must be accepted.
    """
    client = bench.connect()

    refusal = client.is_refused_when_it_declares("letters", x_queue_type="quorum", **wrong)

    judge(refused_for(refusal, 406, about))
    judge(is_gone("letters", bench.control.counts("letters")))
    client.declares("letters", x_queue_type="quorum")


@clause("B10", "missing-queue-not-found", core, must, owed_by=broker, source=AMQP)
@pytest.mark.parametrize("asked", [Receiver.looks_for, Receiver.consumes], ids=["passive declare", "consume"])
def test_a_missing_queue_is_not_found(bench: Bench, asked: Callable[[Receiver, str], object]) -> None:
    """To declare passively, or to consume from, a queue that does not exist closes the channel with 404
    NOT_FOUND, and makes no queue.

    The same on a queue that is there must be accepted.
    """
    receiver = bench.connect_receiver()

    refusal = receiver.is_refused(lambda: asked(receiver, "letters"), "what is asked of a missing queue")

    judge(refused_for(refusal, 404, "no queue 'letters'"))
    judge(is_gone("letters", bench.control.counts("letters")))
    receiver.declares("letters")
    asked(receiver, "letters")


def taken_by(client: Client, names: Iterable[str]) -> list[str]:
    """Those of the arguments that the broker takes for this type of queue: RabbitMQ 3.8 refuses some."""
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
    """Two values of an argument that are not the same."""
    return st.tuples(values, values).filter(lambda two: two[0] != two[1])
