"""Pairs of programs, from their meetings to the table."""

import json
from pathlib import Path

import pytest

from workqueue_spec.commands.pairs.__main__ import main
from workqueue_spec.commands.pairs.meeting import Meeting, Outcome
from workqueue_spec.commands.pairs.table import as_json, declarations, outcome, reasons, table

WORKS = Meeting(Outcome.WORKS, "in time", {"producer": ("q durable",), "worker": ()})
REFUSED = Meeting(
    Outcome.PRODUCER_REFUSED, "406 no", {"producer": ("q durable",), "worker": ("q transient",)}
)
LATE = Meeting(Outcome.WORKER_REFUSED, "406 no", {"producer": (), "worker": ()})

MEETINGS = {
    ("a", "a"): (WORKS, WORKS),
    ("a", "b"): (REFUSED, LATE),
    ("b", "a"): (WORKS, REFUSED),
    ("b", "b"): (WORKS, WORKS),
}


def test_a_pair_works_where_it_does_so_whoever_comes_first() -> None:
    assert outcome((WORKS, WORKS)) == "works"
    assert outcome((REFUSED, LATE)) == "producer refused / worker refused"


def test_the_table_has_a_row_for_each_producer() -> None:
    assert table(["a", "b"], MEETINGS) == [
        "| producer \\ worker | a | b |",
        "|---|---|---|",
        "| **a** | works | producer refused / worker refused |",
        "| **b** | works / producer refused | works |",
    ]


def test_what_each_declares_is_what_it_declares_for_itself() -> None:
    assert declarations(["a"], MEETINGS) == ["- a, producer: q durable", "- a, worker: declares no queue"]


def test_each_failure_has_its_reason() -> None:
    assert reasons(MEETINGS)[0] == "- a with b, worker first: producer refused: 406 no"
    assert len(reasons(MEETINGS)) == 3


def test_the_report_names_every_pair() -> None:
    report = as_json(["a", "b"], MEETINGS, {"queue_type": "classic"})
    assert [(pair["producer"], pair["worker"]) for pair in report["pairs"]] == list(MEETINGS)
    assert report["pairs"][1]["producer_first"]["outcome"] == "worker refused"


def test_a_program_that_is_not_there_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nobody"]) == 4
    assert capsys.readouterr().err == (
        "spec: There is no program 'nobody': it is no profile, and no folder with a profile.toml.\n"
    )


@pytest.mark.broker
def test_programs_that_declare_other_queues_refuse_one_another(tmp_path: Path) -> None:
    report = tmp_path / "pairs.json"

    status = main(
        ["reference", "tutorial", "--queue-type", "quorum", "--broker", "local", "--report-json", str(report)]
    )

    pairs = {(each["producer"], each["worker"]): each for each in json.loads(report.read_text())["pairs"]}
    assert status == 0
    assert pairs["reference", "reference"]["outcome"] == pairs["tutorial", "tutorial"]["outcome"] == "works"
    for mixed in (("reference", "tutorial"), ("tutorial", "reference")):
        assert pairs[mixed]["worker_first"]["outcome"] == "producer refused"
        assert pairs[mixed]["producer_first"]["outcome"] == "worker refused"
        assert pairs[mixed]["worker_first"]["why"].startswith("406 PRECONDITION_FAILED")
