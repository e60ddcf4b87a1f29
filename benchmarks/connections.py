"""The wire tap with 200 connections beside one: the time of a message, and the memory of the tap's process."""

from collections.abc import Iterator

from . import perf_test, proxies
from .brokers import local_node, target
from .connections_client import MESSAGES
from .processes import memory, module, output
from .rows import Given, Row, at_most, ratios

CONNECTIONS = 200
MANY = f"{CONNECTIONS} connections"
NO_SLOWER = at_most(1.1)
"""The goal: no slower for each message. A tenth is what two rounds of the same differ by."""


def measure(given: Given) -> Iterator[Row]:
    """Rows of the load by pika, of the tap's memory, and of the load by PerfTest."""
    with local_node(given.run) as broker, proxies.tap_process(target(broker), given.run) as (port, process):
        direct = broker.address.url("/")
        tapped = broker.address.url("/", host=proxies.HOST, port=port)
        before, _ = memory(process.pid)
        for work in MESSAGES:
            yield from _by_pika(given, work, direct, tapped)
        now, most = memory(process.pid)
        note = f"{before:.0f} MB before the first connection, {now:.0f} MB after the last"
        yield Row(f"tap, {MANY}, pika: most memory", "", (most,), "MB", note=note)
        yield from perf_test.measure(given, direct, tapped, CONNECTIONS)
        now, most = memory(process.pid)
        yield Row(
            f"tap, {MANY}, then PerfTest's: most memory", "", (most,), "MB", note=f"{now:.0f} MB after it"
        )


def _by_pika(given: Given, work: str, direct: str, tapped: str) -> Iterator[Row]:
    """The time of a message with many connections beside one, and the tap's own part of it.

    The direct connections get slower too, by the client and the broker. That part is divided out.
    """
    command = module("connections_client", work, str(given.rounds), str(CONNECTIONS), direct, tapped)
    lines = output(command, given.run).splitlines()
    rounds = [[float(seconds) for seconds in line.split()] for line in lines]
    direct_one, direct_many, tap_one, tap_many = zip(*rounds, strict=True)
    without_tap, with_tap = ratios(direct_many, direct_one), ratios(tap_many, tap_one)
    what = f"{MANY}, pika, {work}: time of a message"
    yield Row(f"tap, {what}", "tap, one connection", with_tap)
    yield Row(f"direct, {what}", "direct, one connection", without_tap)
    note = "the tap's ratio divided by the direct one"
    yield Row(
        f"tap's part, {what}", "one connection", ratios(with_tap, without_tap), goal=NO_SLOWER, note=note
    )
