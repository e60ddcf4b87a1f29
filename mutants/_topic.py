"""What programs share whose tasks go through a topic exchange: the exchange, the queue and its binding."""

from reference.task_queue import TASK_QUEUE
from reference.task_queue import declare as declare_queue

EXCHANGE, KEY, PATTERN = "events", "report.asked", "report.#"


def declare(channel, bind=True):
    """Declares the exchange and the queue, and binds the queue."""
    channel.exchange_declare(EXCHANGE, "topic", durable=True)
    declare_queue(channel)
    if bind:
        channel.queue_bind(TASK_QUEUE, EXCHANGE, PATTERN)


def publish(original, key=lambda body: KEY):
    """The publish of a channel that goes to the exchange, with the routing key that `key` returns."""

    def to_the_exchange(channel, **message):
        message |= {"exchange": EXCHANGE, "routing_key": key(message["body"])}
        return original(channel, **message)

    return to_the_exchange
