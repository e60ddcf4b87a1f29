"""The prefix rule: a client sees its own names, the broker sees only prefixed names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import base, commands, header

from workqueue_spec.wiretap import Frame, Side, marshal, with_prefix

PREFIX = "workqueue-spec-1-"
NAMES = st.text("abc.-_ ", min_size=1, max_size=12).filter(lambda name: not name.startswith("amq."))


class UncutConnection:
    """A connection that must not be cut."""

    def cut(self, *, reset: bool = False) -> None:
        raise AssertionError("cut")


def passed(sender: Side, method: base.Frame | header.ContentHeader) -> object:
    """The method as the other side gets it."""
    frame = Frame(marshal(method, 1), 1)
    raws = with_prefix(PREFIX)(UncutConnection(), sender, frame)  # type: ignore[arg-type]
    return Frame(raws[0], 1).decode() if raws else frame.decode()


@given(NAMES)
def test_a_queue_is_another_at_the_broker_and_the_same_for_the_client(name: str) -> None:
    declared = passed(Side.CLIENT, commands.Queue.Declare(0, name, durable=True))
    assert isinstance(declared, commands.Queue.Declare)
    assert declared.queue == PREFIX + name
    assert declared.durable
    told = passed(Side.BROKER, commands.Queue.DeclareOk(declared.queue, 3, 1))
    assert isinstance(told, commands.Queue.DeclareOk)
    assert (told.queue, told.message_count, told.consumer_count) == (name, 3, 1)


@pytest.mark.parametrize("name", ["", "amq.gen-1", f"{PREFIX}tasks"])
def test_names_of_the_brokers_and_prefixed_ones_stay(name: str) -> None:
    consumed = passed(Side.CLIENT, commands.Basic.Consume(0, name))
    assert isinstance(consumed, commands.Basic.Consume)
    assert consumed.queue == name


def test_a_routing_key_is_a_queues_name_on_the_default_exchange_alone() -> None:
    by_name = passed(Side.CLIENT, commands.Basic.Publish(0, "", "tasks"))
    by_key = passed(Side.CLIENT, commands.Basic.Publish(0, "logs", "tasks"))
    assert isinstance(by_name, commands.Basic.Publish)
    assert isinstance(by_key, commands.Basic.Publish)
    assert (by_name.exchange, by_name.routing_key) == ("", f"{PREFIX}tasks")
    assert (by_key.exchange, by_key.routing_key) == (f"{PREFIX}logs", "tasks")


def test_the_brokers_words_are_about_the_clients_names() -> None:
    text = f"PRECONDITION_FAILED - inequivalent arg 'durable' for queue '{PREFIX}tasks'"
    closed = passed(Side.BROKER, commands.Channel.Close(406, text, 50, 10))
    assert isinstance(closed, commands.Channel.Close)
    assert closed.reply_text == text.replace(PREFIX, "")


def test_dead_letters_go_to_the_clients_own_queue() -> None:
    arguments: dict[str, object] = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
    declared = passed(Side.CLIENT, commands.Queue.Declare(0, "tasks", arguments=arguments))  # type: ignore[arg-type]
    assert isinstance(declared, commands.Queue.Declare)
    assert declared.arguments == {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": f"{PREFIX}dead",
    }


def test_headers_of_the_brokers_are_about_the_clients_names() -> None:
    properties = commands.Basic.Properties(headers={"x-death": [{"queue": f"{PREFIX}tasks", "count": 1}]})
    told = passed(Side.BROKER, header.ContentHeader(0, 4, properties))
    assert isinstance(told, header.ContentHeader)
    assert told.properties.headers == {"x-death": [{"queue": "tasks", "count": 1}]}
    assert told.body_size == 4
