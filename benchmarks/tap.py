"""What the wire tap costs: `python -m benchmarks.tap` prints its speed as a share of a direct connection's speed.

The broker, the measured client and each proxy are processes of their own, so that none of them waits for
another one's interpreter lock. A ratio compares a way to the broker with the direct connection of the same round,
so both find the machine about as busy. Seconds differ from machine to machine, ratios hardly.

The tap decodes every event. `--against DIRECTORY` measures the tap of another working tree of this repository
in the same run. `socat` and `haproxy` are measured if they are installed: they decode nothing.
"""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

from workqueue_spec import ROOT
from workqueue_spec.broker.whole_run import whole_run

from . import proxies
from .brokers import local_node, target
from .processes import module, output
from .rows import Given, Goal, Row, Spread, ratios
from .table import markdown
from .tap_client import WORKLOADS


def measure(given: Given, against: Path | None = None) -> Iterator[Row]:
    """A row for each workload and each proxy."""
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(local_node(given.run))
        ports = {"tap": stack.enter_context(proxies.tap(target(broker), given.run, ROOT))}
        if against is not None:
            other = proxies.tap(target(broker), given.run, against.resolve())
            ports["other tap"] = stack.enter_context(other)
        for name, proxy in proxies.OTHERS.items():
            if proxies.installed(name):
                ports[name] = stack.enter_context(proxy(target(broker), given.run))
        ways = {"direct": broker.address.url("/")}
        ways |= {name: broker.address.url("/", host=proxies.HOST, port=port) for name, port in ports.items()}
        for work in WORKLOADS:
            yield from _compared(work, ways, given)


def _compared(work: str, ways: dict[str, str], given: Given) -> Iterator[Row]:
    said = output(module("tap_client", work, str(given.rounds), *ways.values()), given.run)
    rounds = [[float(seconds) for seconds in line.split()] for line in said.splitlines()]
    taken = dict(zip(ways, zip(*rounds, strict=True), strict=True))
    direct = taken.pop("direct")
    speeds = {name: ratios(direct, seconds) for name, seconds in taken.items()}
    of_socat = Goal(Spread.of(speeds["socat"]).median, at_least=True) if "socat" in speeds else None
    for name, values in speeds.items():
        goal, note = (of_socat, "the goal is socat's") if name == "tap" and of_socat else (None, "")
        yield Row(f"{name}, {work}: speed", "direct", values, goal=goal, note=note)
    for name in proxies.OTHERS:
        if name not in ways:
            yield Row(f"{name}, {work}: speed", "direct", why_not=f"{name} is not installed")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tap", description="what the wire tap costs")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--against", type=Path, help="another working tree, whose tap is measured too")
    options = parser.parse_args()
    with whole_run() as run:
        print(markdown(list(measure(Given(run, options.rounds), options.against))))


if __name__ == "__main__":
    main()
