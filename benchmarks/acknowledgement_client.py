"""The consumer of each way to acknowledge: `python -m benchmarks.acknowledgement_client ROUNDS URL`.

Each way has a connection of its own. It prints for each round the messages a second of each way.
"""

import contextlib
import sys
import time

import pika

MESSAGES = 2_000
AUTOMATIC = 0
WAYS = (AUTOMATIC, 1, 10, 100)
"""Automatic acknowledgement, which knows no prefetch, and manual acknowledgement with each prefetch."""
BODY = b"x" * 100


class Consumer:
    """A queue, and a consumer that acknowledges in one way."""

    def __init__(self, url: str, prefetch: int, stack: contextlib.ExitStack) -> None:
        parameters = pika.URLParameters(f"{url}?heartbeat=0")
        self.connection = stack.enter_context(pika.BlockingConnection(parameters))
        self.queue, self.prefetch = f"acknowledgement {prefetch}", prefetch
        self.channel = self.connection.channel()
        self.channel.queue_declare(self.queue, durable=True)
        if prefetch != AUTOMATIC:
            self.channel.basic_qos(prefetch_count=prefetch)
        self.began, self.ended, self.left = 0.0, 0.0, 0

    def rate(self) -> float:
        """Fills the queue, and consumes it: the messages a second from the first to the last."""
        persistent = pika.BasicProperties(delivery_mode=2)
        for _ in range(MESSAGES):
            self.channel.basic_publish("", self.queue, BODY, persistent)
        self.channel.queue_declare(self.queue, passive=True)
        self.began, self.left = 0.0, MESSAGES
        tag = self.channel.basic_consume(self.queue, self.take, auto_ack=self.prefetch == AUTOMATIC)
        while self.left:
            self.connection.process_data_events(time_limit=1)
        self.channel.basic_cancel(tag)
        return (MESSAGES - 1) / (self.ended - self.began)

    def take(self, channel: pika.channel.Channel, delivery: pika.spec.Basic.Deliver, *_: object) -> None:
        """The callback."""
        self.began = self.began or time.perf_counter()
        if self.prefetch != AUTOMATIC:
            channel.basic_ack(delivery.delivery_tag)
        self.left -= 1
        if not self.left:
            self.ended = time.perf_counter()


def main(rounds: int, url: str) -> None:
    """Measures and prints."""
    with contextlib.ExitStack() as stack:
        consumers = [Consumer(url, prefetch, stack) for prefetch in WAYS]
        for first in range(rounds):
            order = [(first + each) % len(consumers) for each in range(len(consumers))]
            rates = {each: consumers[each].rate() for each in order}
            print(*(rates[each] for each in range(len(consumers))), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
