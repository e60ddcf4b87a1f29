"""The measured client's process: `python -m benchmarks.tap_client WORK ROUNDS URL...`.

It has a connection for each URL, uses them in turn for a fraction of a second, in an order that moves on by one
from round to round, and prints for each round how many seconds the work took for each URL.
"""

import contextlib
import sys
import time

import pika

BODY = b"x" * 100
BULK, ROUND_TRIPS = 1_000, 200
"""Messages for each way in a round: enough for some 50 ms or more."""


def bulk_publish(channel: pika.channel.Channel, queue: str) -> float:
    """Publishes without waiting, then asks for the count, which comes after everything before it."""
    began = time.perf_counter()
    for _ in range(BULK):
        channel.basic_publish("", queue, BODY)
    channel.queue_declare(queue, passive=True)
    return time.perf_counter() - began


def prefetch_one(channel: pika.channel.Channel, queue: str) -> float:
    """Takes what is on the queue with prefetch 1: each delivery waits for the acknowledgement before it."""
    for _ in range(ROUND_TRIPS + 1):
        channel.basic_publish("", queue, BODY)
    channel.queue_declare(queue, passive=True)
    channel.basic_qos(prefetch_count=1)
    began = 0.0
    for number, (delivery, _, _) in enumerate(channel.consume(queue)):
        began = began or time.perf_counter()
        channel.basic_ack(delivery.delivery_tag)
        if number == ROUND_TRIPS:
            break
    took = time.perf_counter() - began
    channel.cancel()
    return took


WORKLOADS = {"bulk publish": bulk_publish, "prefetch 1": prefetch_one}


def main(work: str, rounds: int, urls: list[str]) -> None:
    """Measures and prints."""
    with contextlib.ExitStack() as stack:
        channels: list[tuple[pika.channel.Channel, str]] = []
        for way, url in enumerate(urls):
            connection = stack.enter_context(
                pika.BlockingConnection(pika.URLParameters(f"{url}?heartbeat=0"))
            )
            channel, queue = connection.channel(), f"bench {way}"
            channel.queue_declare(queue)
            channels.append((channel, queue))
        for number in range(rounds):
            taken = {}
            for way in range(len(urls)):
                each = (way + number) % len(urls)
                channel, queue = channels[each]
                channel.queue_purge(queue)
                taken[each] = WORKLOADS[work](channel, queue)
            print(*(taken[each] for each in range(len(urls))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
