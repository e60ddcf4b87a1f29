"""Reports of several programs, made by hand, and the site that is made of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench_tests.report.html import reports
from workqueue_spec.report.site.entries import Breaker
from workqueue_spec.report.site.pages import site
from workqueue_spec.report.site.runs import programs

REPOSITORY = "https://example.org/project"
OLD = "RabbitMQ 3.10.8, local node"
NEW = "RabbitMQ 4.0.9, container rabbitmq:4.0"
MUTANT = Breaker(
    "acks_early", "mutants/workers/acks_early.py", "A worker that acks `early`.", ("W03", "W06", "W07")
)


def usual() -> list[dict[str, Any]]:
    """A program that breaks some clauses, with two queue types and two brokers; and one that keeps them."""
    worker = reports.usual()
    fine = reports.report(reports.clause("W03", "ack-after-work"), subject="fine", broker=NEW)
    del fine["program"]["producer"]  # a worker alone
    fine["program"] |= {"folder": "fine", "versions": "pika 1.4.4"}
    return [
        {**worker, "broker": OLD},
        {**worker, "broker": OLD, "queue_type": "quorum"},
        {**worker, "broker": NEW},
        fine,
    ]


def of_hostile_texts() -> list[dict[str, Any]]:
    """The report in which every text is hostile, and a clause that the specification does not have."""
    found = reports.hostile()
    own = reports.clause(
        "W07", reports.HOSTILE, "failed", statement=reports.HOSTILE, reason=reports.HOSTILE, remedy=None
    )
    (own,) = reports.report(own)["clauses"]
    found["clauses"] = [*found["clauses"], {**own, "id": "T01"}]
    hostile = dict.fromkeys(("folder", "versions"), reports.HOSTILE)
    return [{**found, "program": {**found["program"], **hostile}, "started": reports.HOSTILE}]


def made(given: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The files of the site that is made of these reports."""
    files = [(Path(f"{number}.json"), each) for number, each in enumerate(given)]
    return site(programs(files), [MUTANT], REPOSITORY)
