"""The client of many connections: `python -m benchmarks.connections_client WORK ROUNDS CONNECTIONS URL...`.

For each URL it has one connection, and many connections. It publishes the same number of messages over the one
and over the many, one connection after the other. It prints for each round and each URL the seconds over the one
connection, and over the many.
"""

import contextlib
import sys
import time

import pika

BODY = b"x" * 100
MESSAGES = {"bulk publish": 2_000, "confirmed one by one": 400}
"""Messages of a measurement for each work: ten, or two, for each of 200 connections."""


class Queue:
    """A queue at one URL, and the connections that publish to it."""

    def __init__(self, work: str, url: str, name: str, connections: int, stack: contextlib.ExitStack) -> None:
        parameters = pika.URLParameters(f"{url}?heartbeat=0")
        self.name, self.messages = name, MESSAGES[work]
        self.counts = stack.enter_context(pika.BlockingConnection(parameters)).channel()
        self.counts.queue_declare(name)
        self.channels = [
            stack.enter_context(pika.BlockingConnection(parameters)).channel() for _ in range(connections)
        ]
        if work != "bulk publish":
            for channel in self.channels:
                channel.confirm_delivery()

    def seconds(self) -> float:
        """The seconds until the broker has counted all messages."""
        self.counts.queue_purge(self.name)
        began = time.perf_counter()
        for _ in range(self.messages // len(self.channels)):
            for channel in self.channels:
                channel.basic_publish("", self.name, BODY)
        while self.counts.queue_declare(self.name, passive=True).method.message_count < self.messages:
            pass
        return time.perf_counter() - began


def main(work: str, rounds: int, connections: int, urls: list[str]) -> None:
    """Measures and prints."""
    with contextlib.ExitStack() as stack:
        queues = [
            Queue(work, url, f"connections {way} {number}", number, stack)
            for way, url in enumerate(urls)
            for number in (1, connections)
        ]
        for first in range(rounds):
            order = [(first + each) % len(queues) for each in range(len(queues))]
            taken = {each: queues[each].seconds() for each in order}
            print(*(taken[each] for each in range(len(queues))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
