"""A plugin of pytest that counts what a run of the suite does: `pytest -p benchmarks.census`.

Each process of the run writes its counts as JSON to the folder that `WORKQUEUE_SPEC_CENSUS` names. The suite's
methods are wrapped, and nothing that they do is changed.
"""

import functools
import inspect
import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.broker.local import LocalBroker
from workqueue_spec.judgement.history import History

FOLDER = "WORKQUEUE_SPEC_CENSUS"
"""The environment variable with the folder for the counts."""

OPENED, STARTED, STOPPED, APPLICATIONS = (
    "nodes opened",
    "nodes started again",
    "nodes stopped",
    "applications",
)
"""How often a node was opened, started again and stopped, and RabbitMQ started again within its node."""
BENCHES, WORKERS, PRODUCERS = "benches", "workers started", "producers started"
WORK = "seconds of work"
"""The seconds in which at least one worker of a bench worked on a task, added up over the benches."""

counts: Counter[str] = Counter()
work = 0.0


def pytest_configure() -> None:
    """Begins to count, before the run opens its broker."""
    for name, key in (
        ("open", OPENED),
        ("start", STARTED),
        ("stop", STOPPED),
        ("start_application", APPLICATIONS),
    ):
        _count_calls(LocalBroker, name, key)
    close = Bench.close

    @functools.wraps(close)
    def counted(bench: Bench) -> None:
        _count_bench(bench)
        close(bench)

    setattr(Bench, "close", counted)  # noqa: B010 - mypy allows no assignment to a method


def pytest_unconfigure(config: pytest.Config) -> None:
    """Writes the counts of this process."""
    file = Path(os.environ[FOLDER], f"{os.getpid()}.json")
    file.write_text(json.dumps({**counts, WORK: work}), encoding="utf-8")


def _count_calls(owner: type, name: str, key: str) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    def counted(*given: Any, **named: Any) -> Any:
        counts[key] += 1
        return original(*given, **named)

    setattr(owner, name, staticmethod(counted) if inspect.ismethod(original) else counted)


def _count_bench(bench: Bench) -> None:
    global work
    started = [event.who for event in bench.history.events if event.what == "started"]
    workers = [who for who in started if who.startswith("worker")]
    counts[BENCHES] += 1
    counts[WORKERS] += len(workers)
    counts[PRODUCERS] += sum(who.startswith("producer") for who in started)
    work += covered(
        interval
        for who in dict.fromkeys(workers)
        for interval in spans_of_work(bench.history, who, bench.subject.seconds_per_dot)
    )


def spans_of_work(history: History, worker: str, seconds_per_dot: float) -> Iterable[tuple[float, float]]:
    """From when to when the worker worked on each delivery: as long as its dots say, or until it lost it."""
    for delivery in history.ledger(worker).deliveries:
        end = history.now if delivery.held_until is None else delivery.held_until
        yield delivery.at, min(end, delivery.at + delivery.body.count(b".") * seconds_per_dot)


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """The seconds that lie in at least one of the spans."""
    total, reached = 0.0, float("-inf")
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return total


def read(folder: Path) -> tuple[Counter[str], float, int]:
    """The counts of all processes together, their seconds of work, and how many processes had a bench."""
    together: Counter[str] = Counter()
    seconds, processes = 0.0, 0
    for file in folder.glob("*.json"):
        each = json.loads(file.read_text(encoding="utf-8"))
        seconds += each.pop(WORK)
        processes += bool(each.get(BENCHES))
        together.update(each)
    return together, seconds, processes
