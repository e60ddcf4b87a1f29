"""A broker and a tap in fixtures of our own: for programs that are not a producer and a worker."""

from collections.abc import Iterator
from contextlib import closing

import pika
import pytest

from workqueue_spec.broker import Broker, open_broker, whole_run
from workqueue_spec.judgement import History, judge, persistent
from workqueue_spec.wiretap import LoopThread, Side, Tap, Upstream


@pytest.fixture(scope="session")
def our_broker(pytestconfig: pytest.Config) -> Iterator[Broker]:
    """A RabbitMQ for this run, from where --broker says. Nothing is left of it afterwards."""
    with whole_run() as run, closing(open_broker(pytestconfig.option.broker, run)) as broker:
        yield broker


@pytest.fixture
def history() -> History:
    """What the tap has seen."""
    return History()


@pytest.fixture
def tap(our_broker: Broker, history: History) -> Iterator[Tap]:
    """A port of its own in front of the broker."""
    upstream = Upstream(our_broker.address.host, our_broker.address.port)
    with LoopThread() as thread:
        yield thread.tap(upstream, lambda event: history.add_wire("our program", event))


def test_our_program_publishes_persistent_messages(our_broker: Broker, tap: Tap, history: History) -> None:
    """The program is pika in this process. It could be any process that is given the same URL."""
    tap.delay(0.1, Side.BROKER)  # what the broker sends arrives 0.1 s late
    url = our_broker.address.url(host=tap.host, port=tap.port)
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("invoices", exclusive=True)
        channel.basic_publish("", "invoices", b"an invoice", pika.BasicProperties(delivery_mode=2))
    judge(persistent(history.ledger("our program").publications))
