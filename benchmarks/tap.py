"""What the wire tap costs: `python -m benchmarks.tap` prints its speed as a share of a direct connection's.

Direct and tapped runs take turns within one run, so that both find the machine as busy; the figures are the
medians of the ratios. Seconds differ from machine to machine, ratios hardly.
"""

import statistics
import time
from collections.abc import Callable

import pika

from workqueue_spec.broker import open_broker
from workqueue_spec.broker.run import Run
from workqueue_spec.wiretap import LoopThread, Upstream, into_virtual_host

BODY = b"x" * 100
ROUNDS = 5
BULK, ROUND_TRIPS = 10_000, 2_000
"""Messages in a round: enough for a second or so."""

Work = Callable[[pika.channel.Channel], None]


def bulk_publish(channel: pika.channel.Channel) -> None:
    """Publishes without waiting, then asks for the count, which comes after everything before it."""
    for _ in range(BULK):
        channel.basic_publish("", "bench", BODY)
    channel.queue_declare("bench", passive=True)


def prefetch_one(channel: pika.channel.Channel) -> None:
    """Takes what is on the queue with prefetch 1: each delivery waits for the acknowledgement before it."""
    channel.basic_qos(prefetch_count=1)
    for number, (delivery, _, _) in enumerate(channel.consume("bench"), 1):
        channel.basic_ack(delivery.delivery_tag)
        if number == ROUND_TRIPS:
            break
    channel.cancel()


def seconds(url: str, work: Work) -> float:
    """How long the work takes on a connection of its own."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.queue_declare("bench")
        began = time.perf_counter()
        work(channel)
        return time.perf_counter() - began


def main() -> None:
    """Measures and prints."""
    run = Run.begin()
    broker = open_broker("local", run)
    try:
        with LoopThread() as loop_thread:
            tap = loop_thread.tap(Upstream(broker.address.host, broker.address.port), lambda _: None)
            tap.rewrite(into_virtual_host("/"))
            tapped = broker.address.url("/", host=tap.host, port=tap.port)
            for work in (bulk_publish, prefetch_one):
                ratios = []
                for _ in range(ROUNDS):
                    direct = seconds(broker.address.url("/"), work)
                    ratios.append(direct / seconds(tapped, work))
                low, high = min(ratios), max(ratios)
                print(
                    f"{work.__name__:<14} {statistics.median(ratios):.2f} of direct ({low:.2f} to {high:.2f})"
                )
    finally:
        broker.close()
        run.end()


if __name__ == "__main__":
    main()
