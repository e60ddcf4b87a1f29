"""The ledger: what the events of the wire mean for messages."""

from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands

from .wire import Script


def test_an_acknowledgement_settles_its_delivery() -> None:
    book = Script().deliver(1).deliver(2).ack(1).ledger
    first, second = book.deliveries
    assert (first.settled_by, first.settled_at, second.settled_by) == ("Basic.Ack", 3.0, None)


def test_multiple_settles_all_up_to_its_tag() -> None:
    book = Script().deliver(1).deliver(2).deliver(3).ack(2, multiple=True).ledger
    assert [(each.settled_at is not None, each.settled_together) for each in book.deliveries] == [
        (True, 2),
        (True, 2),
        (False, 1),
    ]


def test_tag_zero_with_multiple_settles_everything_and_may_settle_nothing() -> None:
    book = Script().ack(0, multiple=True).deliver(1).ack(0, multiple=True).ledger
    assert book.deliveries[0].acknowledged
    assert book.strays == []


def test_a_tag_belongs_to_its_channel() -> None:
    book = Script().deliver(1, channel=1).ack(1, channel=2).ledger
    assert not book.deliveries[0].acknowledged
    assert [stray.why for stray in book.strays] == ["was never delivered on this channel"]


def test_the_same_tag_on_another_connection_is_another_delivery() -> None:
    book = Script().deliver(1).tap("Tap.Disconnected").deliver(1, connection=2).ack(1, connection=2).ledger
    assert [each.acknowledged for each in book.deliveries] == [False, True]
    assert book.deliveries[0].taken_back_at == 2.0
    assert book.strays == []


def test_acknowledging_twice_is_a_stray() -> None:
    book = Script().deliver(1).ack(1).ack(1).ledger
    assert [stray.why for stray in book.strays] == ["was settled before"]


def test_a_settlement_on_a_channel_that_the_broker_closed_is_no_stray() -> None:
    script = Script().deliver(1).broker(commands.Channel.Close(406, "PRECONDITION_FAILED", 0, 0)).ack(1)
    book = script.ledger
    assert book.deliveries[0].taken_back_at == 2.0
    assert book.strays == []


def test_a_delivery_in_no_ack_mode_is_never_held() -> None:
    book = (
        Script()
        .client(commands.Basic.Consume(0, "task_queue", "consumer", no_ack=True))
        .broker(commands.Basic.ConsumeOk("consumer"))
        .deliver(1)
        .ledger
    )
    assert book.consumers[0].no_ack
    assert book.deliveries[0].no_ack
    assert book.deliveries[0].held_until == book.deliveries[0].at


def test_a_consumer_is_known_by_the_tag_that_the_broker_gave_it() -> None:
    book = (
        Script()
        .client(commands.Basic.Consume(0, "task_queue", "", no_ack=True))
        .broker(commands.Basic.ConsumeOk("consumer"))
        .deliver(1)
        .ledger
    )
    assert book.deliveries[0].no_ack


def test_a_fetched_message_is_a_delivery() -> None:
    book = (
        Script()
        .client(commands.Basic.Get(0, "task_queue"))
        .broker(commands.Basic.GetEmpty())
        .client(commands.Basic.Get(0, "task_queue", no_ack=True))
        .broker(commands.Basic.GetOk(1, False, "", "task_queue", 0), body=b"task")
        .ledger
    )
    assert len(book.fetches) == 2
    assert [(each.consumer_tag, each.no_ack) for each in book.deliveries] == [(None, True)]


def test_confirms_find_their_publications() -> None:
    script = Script().client(commands.Confirm.Select())
    for number in range(4):
        script.client(commands.Basic.Publish(0, "", "task_queue"), body=b"%d" % number)
    script.broker(commands.Basic.Nack(3, False)).broker(commands.Basic.Ack(2, True))
    book = script.ledger
    assert [each.number for each in book.publications] == [1, 2, 3, 4]
    assert [each.confirmed_by for each in book.publications] == ["Basic.Ack", "Basic.Ack", "Basic.Nack", None]


def test_one_party_can_be_read_alone() -> None:
    script = Script().deliver(1, who="worker 1").deliver(1, who="worker 2")
    assert len(script.ledger.deliveries) == 2


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=30), st.integers(0, 12))
def test_every_delivery_is_settled_at_most_once_and_nothing_else_is(
    acks: list[tuple[int, bool]], deliveries: int
) -> None:
    """Whatever a client acknowledges, each acknowledgement either settles deliveries or is a stray."""
    script = Script()
    for tag in range(1, deliveries + 1):
        script.deliver(tag)
    for tag, multiple in acks:
        script.ack(tag, multiple=multiple)
    book = script.ledger
    held = set(range(1, deliveries + 1))
    strays = 0
    for tag, multiple in acks:
        hit = {each for each in held if each == tag or (multiple and (each < tag or tag == 0))}
        strays += not hit and not (multiple and tag == 0)
        held -= hit
    assert {each.tag for each in book.deliveries if each.settled_at is None} == held
    assert len(book.strays) == strays
