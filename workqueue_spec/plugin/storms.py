"""The storm of a test, as the options of the run say."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from ..bench.bench import Bench
from ..bench.storm import Storm
from ..report import about
from ..report.storm_history import Recording
from .progress import shown_on_the_terminal


@contextlib.contextmanager
def storm_of(bench: Bench, config: pytest.Config, clause: str = "S02") -> Iterator[Storm]:
    """The storm of a clause, as long as --chaos-seconds says: of S02, with its history in a file if --storm-history
    names one; of S03, with faults of a cluster's nodes.
    """
    given = config.option
    with contextlib.ExitStack() as stack:
        recording = None
        if given.storm_history is not None and clause == "S02":
            file = stack.enter_context(given.storm_history.open("w", encoding="utf-8"))
            recording = Recording(file, _head(bench, config))
        made = Storm(
            bench,
            given.chaos_seconds,
            of_nodes=clause == "S03",
            recording=recording,
            show=shown_on_the_terminal(clause, config),
        )
        stack.callback(made.close)
        yield made


def _head(bench: Bench, config: pytest.Config) -> dict[str, Any]:
    """What the first line of a storm's history holds."""
    name, version = about.suite()
    subject = bench.subject
    return {
        "suite": {"name": name, "version": version},
        "subject": subject.name,
        "broker": bench.broker.describe(),
        "queue_type": bench.setting.queue_type,
        "queues": subject.queues,
        "route": subject.route,
        "prefetch": subject.prefetch,
        "concurrency": subject.concurrency,
        "seconds_per_dot": subject.seconds_per_dot,
        "seconds": config.option.chaos_seconds,
        "seed": bench.setting.seed,
    }
