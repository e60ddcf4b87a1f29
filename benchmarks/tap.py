"""What the wire tap costs: `python -m benchmarks.tap` prints its speed as a share of a direct connection's speed.

The broker, the measured client and each proxy are processes of their own, so that none of them waits for
another one's interpreter lock. The client has a connection for each way to the broker, and uses them in turn
for a fraction of a second, in an order that moves on by one from round to round. A ratio compares a way with
the direct connection of the same round, so both find the machine about as busy. Seconds differ from machine to
machine, ratios hardly. Of the ratios the median is printed, and the range of the middle half.

The tap decodes every event. `--against DIRECTORY` measures the tap of another working tree of this repository
in the same run. `socat` and `haproxy` are measured if they are installed: they decode nothing.
"""

import argparse
import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pika

from workqueue_spec.broker import open_broker
from workqueue_spec.broker.run import Run
from workqueue_spec.wiretap import LoopThread, Upstream, WireEvent, into_virtual_host

BODY = b"x" * 100
BULK, ROUND_TRIPS = 1_000, 200
"""Messages for each way in a round: enough for some 50 ms or more."""

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
SECONDS_TO_START = 10.0

HAPROXY = """\
defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 1m
listen broker
    bind {host}:{port}
    server broker {broker}
"""


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


WORKLOADS = {work.__name__: work for work in (bulk_publish, prefetch_one)}


def client(work: str, rounds: int, urls: list[str]) -> None:
    """The measured client's process: prints how many seconds the work took, for each round and each way."""
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


def serve(host: str, port: str) -> None:
    """The tap's process: prints its port, and serves until its standard input ends."""

    def decode(event: WireEvent) -> None:
        assert event.frame is None or event.method is not None or not event.frame.is_method

    with LoopThread() as loop_thread:
        tap = loop_thread.tap(Upstream(host, int(port)), decode)
        tap.rewrite(into_virtual_host("/"))
        print(tap.port, flush=True)
        sys.stdin.read()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server((HOST, 0)) as taken:
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], tree: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
    """The process of a proxy, ended when the block is left."""
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": str(tree)},
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextlib.contextmanager
def tap(broker: str, tree: Path) -> Iterator[int]:
    """The port of the tap of a working tree."""
    command = [sys.executable, __file__, "serve", *broker.split(":")]
    with running(command, tree) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


@contextlib.contextmanager
def socat(broker: str) -> Iterator[int]:
    """The port of a socat."""
    port = free_port()
    listen = f"TCP-LISTEN:{port},bind={HOST},fork,reuseaddr,nodelay"
    with running(["socat", listen, f"TCP:{broker},nodelay"]):
        yield listened(port)


@contextlib.contextmanager
def haproxy(broker: str) -> Iterator[int]:
    """The port of a haproxy."""
    port = free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(HAPROXY.format(host=HOST, port=port, broker=broker))
        file.flush()
        with running(["haproxy", "-db", "-f", file.name]):
            yield listened(port)


def listened(port: int) -> int:
    """The same port, once somebody listens on it."""
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            socket.create_connection((HOST, port)).close()
            return port
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def compare(ways: dict[str, str], rounds: int) -> None:
    """Measures each workload on each way to the broker, and prints the ratios. The first way is the direct one."""
    names = list(ways)
    for work in WORKLOADS:
        command = [sys.executable, __file__, "client", work, str(rounds), *ways.values()]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        answer = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        taken = [[float(seconds) for seconds in line.split()] for line in answer.splitlines()]
        print(f"{work}: direct {spread([each[0] for each in taken])} s")
        for way, name in enumerate(names[1:], 1):
            print(f"  {name:<12} {spread([each[0] / each[way] for each in taken])} of direct", flush=True)


def spread(values: list[float]) -> str:
    """The median of the values, and the range of the middle half of them."""
    low, median, high = statistics.quantiles(values, n=4)
    return f"{median:.2f} ({low:.2f} to {high:.2f})"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tap", description="what the wire tap costs")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--against", type=Path, help="another working tree, whose tap is measured too")
    options = parser.parse_args()
    run = Run.begin()
    broker = open_broker("local", run)
    try:
        with contextlib.ExitStack() as stack:
            target = f"{broker.address.host}:{broker.address.port}"
            ports = {"tap": stack.enter_context(tap(target, ROOT))}
            if options.against is not None:
                ports["other tap"] = stack.enter_context(tap(target, options.against.resolve()))
            proxies: dict[str, Callable[[str], contextlib.AbstractContextManager[int]]]
            proxies = {"socat": socat, "haproxy": haproxy}
            for name, proxy in proxies.items():
                if shutil.which(name) is None:
                    print(f"{name} is not installed, and is not measured")
                else:
                    ports[name] = stack.enter_context(proxy(target))
            ways = {"direct": broker.address.url("/")}
            ways |= {name: broker.address.url("/", host=HOST, port=port) for name, port in ports.items()}
            compare(ways, options.rounds)
    finally:
        broker.close()
        run.end()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["client", work, rounds, *urls]:
            client(work, int(rounds), urls)
        case ["serve", host, port]:
            serve(host, port)
        case _:
            main()
