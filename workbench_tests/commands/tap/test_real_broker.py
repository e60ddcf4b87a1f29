"""pika talks to a RabbitMQ through the command."""

import queue
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pika
import pika.exceptions
import pytest

from workqueue_spec.broker import Broker, open_broker
from workqueue_spec.broker.whole_run import whole_run
from workqueue_spec.timeouts import EVENTUALLY

from .running import Running

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with whole_run() as run, closing(open_broker("local", run)) as opened:
        yield opened


def through(tap: Running, broker: Broker) -> pika.BlockingConnection:
    return pika.BlockingConnection(
        pika.URLParameters(broker.address.url(host="127.0.0.1", port=tap.port) + "?connection_attempts=1")
    )


def test_a_task_is_seen_from_its_publish_to_its_acknowledgement(broker: Broker) -> None:
    with Running.begin(broker.address.port) as tap:
        with closing(through(tap, broker)) as connection:
            channel = connection.channel()
            channel.queue_declare("seen", durable=True)
            channel.confirm_delivery()
            channel.basic_publish(
                "", "seen", b"a task...", pika.BasicProperties(delivery_mode=2), mandatory=True
            )
            for method, _, _ in channel.consume("seen"):
                channel.basic_ack(method.delivery_tag)
                break
        tap.until("connection.close-ok")
        assert tap.end(signal.SIGINT) == 0
    told = [line.partition("ch 1  ")[2] for line in tap.lines]
    publish = "-> basic.publish routing-key=seen mandatory persistent 'a task...' (9 bytes)"
    assert publish in told
    after = told[told.index(publish) + 1 :]
    assert after.index("<- basic.ack tag 1") < after.index("-> basic.ack tag 1")
    assert "<- connection.start mechanisms=" in "".join(tap.lines)


def test_a_publisher_whose_confirm_is_held_back_gets_none(broker: Broker) -> None:
    with Running.begin(broker.address.port, "--hold", "basic.ack", "--direction", "broker") as tap:
        channel = through(tap, broker).channel()
        channel.queue_declare("held", durable=True)
        channel.confirm_delivery()
        ends: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
        threading.Thread(target=_publish, args=(channel, ends), daemon=True).start()
        assert tap.until("tap.noted").endswith("held back from the broker: Basic.Ack tag 1")
        assert tap.end(signal.SIGTERM) == 0
        # The publisher waited until its connection was gone.
        assert isinstance(ends.get(timeout=EVENTUALLY), pika.exceptions.AMQPConnectionError)


def _publish(channel: Any, ends: "queue.SimpleQueue[Exception | None]") -> None:
    try:
        channel.basic_publish("", "held", b"a task", mandatory=True)
    except pika.exceptions.AMQPError as error:
        ends.put(error)
    else:
        ends.put(None)


def test_a_connection_is_cut_in_the_middle_of_a_message(broker: Broker) -> None:
    with Running.begin(broker.address.port, "--cut-after", "20000", "--direction", "client") as tap:
        channel = through(tap, broker).channel()
        channel.confirm_delivery()
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            channel.basic_publish("", "nowhere", b"x" * 50_000)
        tap.until("tap.noted cut after 20000 bytes")
        assert tap.end(signal.SIGTERM) == 0
    assert not any("basic.publish" in line for line in tap.lines), "the message was not whole"
