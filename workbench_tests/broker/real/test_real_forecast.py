"""That later versions of RabbitMQ do what a forecast says: tried with a container of each image that is here."""

from collections.abc import Callable, Iterator

import pika
import pika.exceptions
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from workqueue_spec.broker import Broker
from workqueue_spec.broker.run import Run
from workqueue_spec.judgement.forecast import LARGEST_MESSAGE, MOST_REDELIVERIES

from .opening import open_real

OLD, NEW = "rabbitmq:4.0-debian", "rabbitmq:4.3-debian"
QUORUM = {"x-queue-type": "quorum"}
MESSAGES = 6

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def opened(run: Run) -> Iterator[Callable[[str], Broker]]:
    """Opens a container of an image, once. Skips the test if the image is not here."""
    brokers: dict[str, Broker] = {}

    def of(image: str) -> Broker:
        if image not in brokers:
            brokers[image] = open_real(image, run)
        return brokers[image]

    yield of
    for broker in brokers.values():
        broker.close()


def does(broker: Broker, act: Callable[[BlockingChannel], object], **parameters: int) -> object:
    """What it returns, or the code with which the broker refuses it: 0 if it hangs up without a code."""
    given = pika.URLParameters(broker.address.url("/"))
    for name, value in parameters.items():
        setattr(given, name, value)
    try:
        connection = pika.BlockingConnection(given)
    except pika.exceptions.AMQPError:
        return 0
    try:
        return act(connection.channel())
    except (pika.exceptions.ChannelClosed, pika.exceptions.ConnectionClosed) as refused:
        return refused.reply_code
    finally:
        if connection.is_open:
            connection.close()


def declaring(queue: str, **arguments: object) -> Callable[[BlockingChannel], str]:
    given = {name.replace("_", "-"): value for name, value in arguments.items()}

    def declare(channel: BlockingChannel) -> str:
        declared: str = channel.queue_declare(queue, durable=True, arguments=given).method.queue
        channel.queue_delete(queue)
        return declared

    return declare


def of_two_consumers(channel: BlockingChannel) -> list[int]:
    """How many messages each of two consumers holds that share a channel with a global limit of 1."""
    channel.queue_declare("shared", exclusive=True)
    channel.confirm_delivery()
    for _ in range(MESSAGES):
        channel.basic_publish("", "shared", b"")
    channel.basic_qos(prefetch_count=1, global_qos=True)
    held = [0, 0]

    def take(consumer: int) -> None:
        held[consumer] += 1

    for consumer in (0, 1):
        channel.basic_consume("shared", lambda *_, consumer=consumer: take(consumer))
    channel.queue_declare("shared", passive=True)  # by then, what could be delivered was sent
    channel.connection.process_data_events()
    return held


def redeliveries(settle: Callable[[BlockingChannel, int], None]) -> Callable[[BlockingChannel], int]:
    """How often a quorum queue delivers a message again; one more than its limit if it does so for longer."""

    def count(channel: BlockingChannel) -> int:
        channel.queue_declare("poison", durable=True, arguments=QUORUM)
        channel.queue_purge("poison")
        channel.confirm_delivery()
        channel.basic_publish("", "poison", b"")
        deliveries = 0
        while deliveries <= MOST_REDELIVERIES + 1:
            got, _, _ = channel.basic_get("poison")
            if got is None:
                break
            deliveries += 1
            settle(channel, got.delivery_tag)
        channel.queue_delete("poison")
        return deliveries - 1

    return count


def nack(channel: BlockingChannel, tag: int) -> None:
    channel.basic_nack(tag, requeue=True)


def reject(channel: BlockingChannel, tag: int) -> None:
    channel.basic_reject(tag, requeue=True)


def deaths_of_one_that_died_before(channel: BlockingChannel) -> int:
    """What x-death counts for a message that is published with a count of 5, and then dies once."""
    channel.queue_declare("dead", exclusive=True)
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
    channel.queue_declare("source", exclusive=True, arguments=arguments)
    died = {"count": 5, "queue": "source", "reason": "rejected", "exchange": "", "routing-keys": ["source"]}
    channel.confirm_delivery()
    channel.basic_publish("", "source", b"", pika.BasicProperties(headers={"x-death": [died]}))
    got, _, _ = channel.basic_get("source")
    channel.basic_reject(got.delivery_tag, requeue=False)
    dead = next(channel.consume("dead", auto_ack=True))
    channel.cancel()
    return int(dead[1].headers["x-death"][0]["count"])


def publishing(size: int) -> Callable[[BlockingChannel], str]:
    def publish(channel: BlockingChannel) -> str:
        channel.queue_declare("large", exclusive=True)
        channel.confirm_delivery()
        channel.basic_publish("", "large", b"x" * size)
        return "taken"

    return publish


def test_from_4_0_on(opened: Callable[[str], Broker]) -> None:
    broker = opened(OLD)
    assert does(broker, redeliveries(nack)) == MOST_REDELIVERIES
    assert does(broker, redeliveries(reject)) == MOST_REDELIVERIES
    assert does(broker, deaths_of_one_that_died_before) == 1
    assert does(broker, publishing(LARGEST_MESSAGE)) == "taken"
    assert does(broker, publishing(LARGEST_MESSAGE + 1)) == 406


def test_before_4_1_what_it_breaks_works(opened: Callable[[str], Broker]) -> None:
    broker = opened(OLD)
    assert does(broker, declaring("any"), frame_max=4096) == "any"
    assert does(broker, of_two_consumers) == [1, 0]
    assert does(broker, declaring("any", x_queue_version=1)) == "any"
    assert does(broker, declaring("any", x_queue_master_locator="min-masters")) == "any"


def test_from_4_3_on(opened: Callable[[str], Broker]) -> None:
    broker = opened(NEW)
    assert does(broker, declaring("any"), frame_max=4096) == 0
    assert does(broker, of_two_consumers) == [1, 1]
    assert does(broker, declaring("any", x_queue_version=1)) == 406
    assert does(broker, declaring("any", x_queue_master_locator="min-masters")) == 541
    assert does(broker, redeliveries(nack)) == MOST_REDELIVERIES + 1
    assert does(broker, redeliveries(reject)) == MOST_REDELIVERIES
