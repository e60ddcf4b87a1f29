"""`./spec check` beside the time that no suite could save: `irreducible` computes it from what the run did."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from workqueue_spec.broker.run import Run

from . import census, costs, suite
from .costs import Costs
from .rows import Given, Row, at_most

GOALS = {"core": 25, "production": 60}
"""The most seconds of a run, on two idle cores."""


def measure(given: Given) -> Iterator[Row]:
    """For each class of clauses, the seconds, and their ratio to the irreducible seconds."""
    one = costs.measure(given.run, given.few_rounds)
    _check(given.run, ["--class", "core", "-k", "W03"])  # warms the caches
    for class_, most in GOALS.items():
        wall, least, details = [], [], dict[str, float]()
        for _ in range(given.few_rounds):
            seconds, counts, work, processes = _check(given.run, ["--class", class_])
            wall.append(seconds)
            details = {**dict(counts), census.WORK: work, "processes": processes}
            least.append(irreducible(counts, work, one, cores=os.cpu_count() or 1, processes=processes))
        yield Row(f"check, {class_}", "", tuple(wall), "s", at_most(most), details=details)
        yield Row(f"check, {class_}: irreducible", "", tuple(least), "s", details=details)
        times = tuple(seconds / each for seconds, each in zip(wall, least, strict=True))
        yield Row(f"check, {class_}", "the irreducible time", times, goal=at_most(2), details=details)


def irreducible(counts: Counter[str], work: float, one: Costs, *, cores: int, processes: int) -> float:
    """The least seconds of a run that starts as many brokers and programs, and whose tasks take as long.

    What needs a processor is divided by the cores, and what waits by the processes that judge side by side. The
    first broker starts before anything else can happen, so it counts in full.
    """
    nodes = max(0, counts[census.OPENED] - 1) + counts[census.STARTED]
    parts = [
        (nodes, one.node),
        (counts[census.STOPPED], one.stop),
        (counts[census.APPLICATIONS], one.application),
        (counts[census.WORKERS], one.worker),
        (counts[census.PRODUCERS], one.producer),
    ]
    cpu = sum(number * cost.cpu for number, cost in parts)
    wait = sum(number * cost.wait for number, cost in parts) + work
    return one.node.seconds + cpu / cores + wait / max(1, processes)


def _check(run: Run, options: list[str]) -> tuple[float, Counter[str], float, int]:
    """The seconds of a run of the suite on a local node, and what its processes counted."""
    with tempfile.TemporaryDirectory(dir=run.temporary) as folder:
        counting = ["--broker", "local", "-p", census.__name__]
        seconds = suite.check(run, [*counting, *options], {census.FOLDER: folder})
        return (seconds, *census.read(Path(folder)))
