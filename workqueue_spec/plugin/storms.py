"""The storm of a test, as the options of the run say."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from ..bench.bench import Bench
from ..bench.storm import Storm
from ..report import about
from ..report.storm_history import Recording
from ..specification.clauses import clause_of
from .progress import shown_on_the_terminal


@pytest.fixture
def storm(request: pytest.FixtureRequest, bench: Bench) -> Iterator[Storm]:
    """The storm of a clause, as long as --chaos-seconds says: of a clause for clusters, with faults of their nodes;
    of another one, with its history in a file if --storm-history names one.
    """
    clause, given = clause_of(request.function), request.config.option
    assert clause is not None
    with contextlib.ExitStack() as stack:
        recording = None
        if given.storm_history is not None and not clause.for_clusters:
            file = stack.enter_context(given.storm_history.open("w", encoding="utf-8"))
            recording = Recording(file, _head(bench, given.chaos_seconds))
        made = Storm(
            bench,
            given.chaos_seconds,
            of_nodes=clause.for_clusters,
            recording=recording,
            show=shown_on_the_terminal(clause.id, request.config),
        )
        stack.callback(made.close)
        yield made


def _head(bench: Bench, seconds: float) -> dict[str, Any]:
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
        "seconds": seconds,
        "seed": bench.setting.seed,
    }
