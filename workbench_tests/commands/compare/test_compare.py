"""What changed from one report to another."""

import json
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec.commands.compare import main
from workqueue_spec.commands.spelling import MISUSED
from workqueue_spec.report.comparison import compare


def clause(id_: str, outcome: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "slug": "a-clause",
        "class": "core",
        "level": "MUST",
        "outcome": outcome,
        "reason": "" if outcome == "passed" else "expected this; seen: that",
        "known_failure": "",
        "edition": None,
        **more,
    }


def report(*clauses: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "schema": 2,
        "subject": "node worker.js",
        "broker": "RabbitMQ 3.13.7",
        "queue_type": "classic",
        "edition": None,
        "verdict": "nonconformant",
        "clauses": list(clauses),
        **more,
    }


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command on two reports, or on texts, and returns its status and what it printed."""

    def compared(old: object, new: object) -> tuple[int, list[str]]:
        files = [tmp_path / "old.json", tmp_path / "new.json"]
        for file, content in zip(files, (old, new), strict=True):
            file.write_text(content if isinstance(content, str) else json.dumps(content))
        status = main([str(file) for file in files])
        out, err = capsys.readouterr()
        return status, (out + err).replace(f"{tmp_path}/", "").splitlines()

    return compared


def test_all_changes(run: Any) -> None:
    old = report(
        clause("W01", "passed"),
        clause("W02", "passed"),
        clause("W03", "failed"),
        clause("W04", "passed"),
        clause("W05", "passed", level="SHOULD"),
        clause("W06", "failed"),
        clause("W07", "passed"),
    )
    new = report(
        clause("W01", "passed"),
        clause("W02", "failed"),
        clause("W03", "passed"),
        clause("W04", "not judged", reason="the broker died"),
        clause("W05", "passed"),
        clause("W06", "failed"),
        clause("W08", "passed", edition="new"),
        broker="RabbitMQ 4.1.0",
        edition="1.0",
    )

    assert run(old, new) == (
        1,
        [
            "broker: RabbitMQ 3.13.7 -> RabbitMQ 4.1.0",
            "edition: none -> 1.0",
            "newly failing:",
            "  W02 a-clause (MUST): passed before",
            "    expected this; seen: that",
            "newly passing:",
            "  W03 a-clause (MUST): failed before",
            "  W08 a-clause (MUST): not in the report before",
            "newly not judged:",
            "  W04 a-clause (MUST): passed before",
            "    the broker died",
            "only in the older report:",
            "  W07 a-clause (MUST)",
            "level, class or edition:",
            "  W05 a-clause: level SHOULD -> MUST",
            "1 newly failing, 2 newly passing, 1 newly not judged; newly broken MUST: W02",
        ],
    )


def test_the_same_report(run: Any) -> None:
    same = report(clause("W01", "failed"), clause("W02", "passed"))
    assert run(same, same) == (
        0,
        ["0 newly failing, 0 newly passing, 0 newly not judged; no MUST is newly broken"],
    )


@pytest.mark.parametrize(
    ("before", "after", "broken"),
    [
        (clause("W01", "passed"), clause("W01", "failed"), True),
        (clause("W01", "not judged"), clause("W01", "failed"), True),
        (None, clause("W01", "failed"), True),
        (clause("W01", "failed", level="SHOULD"), clause("W01", "failed"), True),
        (clause("W01", "failed"), clause("W01", "failed"), False),
        (clause("W01", "failed", known_failure="x"), clause("W01", "failed"), False),
        (clause("W01", "passed"), clause("W01", "failed", level="SHOULD"), False),
        (clause("W01", "passed"), clause("W01", "failed", known_failure="x"), False),
        (clause("W01", "passed"), clause("W01", "failed", edition="new"), False),
        (clause("W01", "failed"), clause("W01", "passed"), False),
        (clause("W01", "failed"), None, False),
    ],
)
def test_what_is_a_newly_broken_must(
    before: dict[str, Any] | None, after: dict[str, Any] | None, broken: bool
) -> None:
    old, new = (report(*([each] if each else [])) for each in (before, after))
    assert compare(old, new).newly_broken == (["W01"] if broken else [])


def test_a_report_of_schema_1_is_understood(run: Any) -> None:
    older = {**clause("W01", "passed"), "evidence": []}
    del older["edition"]
    status, lines = run(report(older, schema=1), report(clause("W01", "failed")))
    assert status == 1
    assert "  W01 a-clause (MUST): passed before" in lines


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{", "is not JSON."),
        ("[" * 100_000, "is not JSON."),
        ([], "is not an object of JSON."),
        ({"schema": 1, "mutants": []}, "is not a report of `check`."),
        (report(schema=3), "has the schema 3, and 1 and 2 can be compared."),
        (report(schema="\x1b[2J"), "has the schema \\x1b[2J, and 1 and 2 can be compared."),
        (report({"id": "W01"}), "has a clause without an outcome."),
        (report({"id": 1, "outcome": "passed"}), "has a clause without an id, slug, level, class or reason."),
    ],
)
def test_what_is_no_report_is_told_in_one_sentence(run: Any, bad: object, said: str) -> None:
    assert run(report(), bad) == (MISUSED, [f"spec: new.json {said}"])
    assert run(bad, report()) == (MISUSED, [f"spec: old.json {said}"])


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["/nowhere/old.json", "/nowhere/new.json"]) == MISUSED
    assert capsys.readouterr().err == "spec: /nowhere/old.json cannot be read: No such file or directory.\n"


def test_a_strangers_text_is_shown_and_not_obeyed(run: Any) -> None:
    text = "\x1b[31m evil \u202e " * 100
    _, lines = run(
        report(clause("W01", "passed")),
        report(clause("W01", "failed", slug=text, reason=text, level=text), broker=text, subject=text),
    )
    assert all(line.isprintable() for line in lines)
    assert max(map(len, lines)) <= 80
