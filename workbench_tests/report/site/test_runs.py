"""Which runs belong to which program, their order, and their addresses."""

import re
from pathlib import Path
from typing import Any

import pytest

from workbench_tests.report.html import reports
from workqueue_spec.errors import SetupError
from workqueue_spec.report.site.runs import Program, mistake_in, programs, worst
from workqueue_spec.specification.outcomes import Conformance

from . import judged


def grouped(*given: dict[str, Any]) -> tuple[Program, ...]:
    return programs([(Path(f"{number}.json"), each) for number, each in enumerate(given)])


def one(**more: Any) -> dict[str, Any]:
    return reports.report(reports.clause("W03", "ack-after-work"), **more)


def test_a_program_has_its_runs_by_version_and_queue_type() -> None:
    fine, worker = grouped(*judged.usual())
    assert (fine.name, fine.short, fine.versions) == ("fine", "fine", "pika 1.4.4")
    assert [each.address for each in worker.runs] == [
        "runs/our-worker/rabbitmq-3.10-classic.html",
        "runs/our-worker/rabbitmq-3.10-quorum.html",
        "runs/our-worker/rabbitmq-4.0-classic.html",
    ]
    assert [each.label for each in worker.brokers] == ["RabbitMQ 3.10", "RabbitMQ 4.0"]
    found = grouped(*(one(broker=f"RabbitMQ {each}.1") for each in ("4.10", "4.9", "3.13")))
    assert [each.label for each in found[0].brokers] == ["RabbitMQ 3.13", "RabbitMQ 4.9", "RabbitMQ 4.10"]


def test_brokers_of_one_version_keep_their_whole_names() -> None:
    (program,) = grouped(one(broker="RabbitMQ 4.0.5, a"), one(broker="RabbitMQ 4.0.5, b"), one(broker="odd"))
    assert {each.label for each in program.brokers} == {"RabbitMQ 4.0.5, a", "RabbitMQ 4.0.5, b", "odd"}


def test_no_two_addresses_are_alike_and_none_leaves_the_site() -> None:
    names = ("A b", "a-b", "../..", "日本", "", "/etc/passwd", "a" * 300, "a" * 301)
    found = grouped(*(one(subject=each) for each in names))
    slugs = [each.slug for each in found]
    assert len(set(slugs)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,63}", each) for each in slugs)


def test_the_worst_verdict_counts() -> None:
    fine, worker = grouped(*judged.usual())
    assert worst(worker.runs) is Conformance.NONCONFORMANT
    assert worst(fine.runs) is Conformance.CONFORMANT
    assert worker.runs[0].failed("MUST") == 3
    assert worker.runs[0].failed("SHOULD", "MAY") == 1


def test_a_clause_that_the_edition_does_not_have_does_not_count() -> None:
    clause = reports.clause("W03", "ack-after-work", "failed", edition="new")
    assert grouped(reports.report(clause))[0].runs[0].failed("MUST") == 0


def test_two_reports_of_the_same_are_refused() -> None:
    with pytest.raises(
        SetupError, match=r"^1\.json and 0\.json are of the same program, broker and queue type;"
    ):
        grouped(one(), one())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": 1}, "has the schema 1"),
        ({"schema": 9}, "has the schema 9"),
        ({"clauses": [{"id": "W03"}]}, "is a damaged report: .clauses[0] lacks the key slug"),
    ],
)
def test_what_is_no_report_says_why(change: dict[str, Any], says: str) -> None:
    assert mistake_in({**one(), **change}).startswith(says)


@pytest.mark.parametrize("id_", ["../../x", "W", "W03\n", "w03", "<b>", "W٣"])
def test_the_id_of_a_clause_is_a_letter_and_a_number(id_: str) -> None:
    report = one()
    report["clauses"][0]["id"] = id_
    assert mistake_in(report).endswith("is no id of a clause")


def test_a_clause_is_there_once() -> None:
    assert mistake_in({**one(), "clauses": one()["clauses"] * 2}).endswith("it has the clause W03 twice")
    assert mistake_in(one()) == ""
