"""What the terminal and the JSON report say about clauses that are not in the edition that was asked for."""

import datetime
from dataclasses import replace
from typing import Any

import pytest

from workqueue_spec.report.json_report import clauses_data, json_report
from workqueue_spec.report.summary import summary
from workqueue_spec.specification.edition import Change
from workqueue_spec.specification.outcomes import Conclusion, Conformance, Outcome, Result

CONCLUSION = Conclusion(Conformance.CONFORMANT, "every MUST of edition 1.0 was judged and holds")
IN_IT = Result("W01", "acks-by-hand", "core", "MUST", "worker", "It does.", (), Outcome.PASSED, 0.5)
NEW = replace(IN_IT, id="W51", slug="new", outcome=Outcome.FAILED, change=Change.NEW)
REWORDED = replace(IN_IT, id="W03", slug="reworded", change=Change.REWORDED, known="it blocks")


class Terminal:
    """The part of pytest's reporter that is used."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def section(self, *_: str, **__: str) -> None:
        pass

    def write_line(self, line: str, **_: bool) -> None:
        self.lines.append(line)


def test_the_terminal_shows_them_apart() -> None:
    terminal: Any = Terminal()
    summary(terminal, clauses_data([IN_IT, REWORDED, NEW], str), CONCLUSION, "x on y", edition="1.0")
    assert "    not in edition 1.0: it is shown, and does not count" in terminal.lines
    assert "    reworded since edition 1.0: it is shown, and does not count" in terminal.lines
    assert not any("known" in line for line in terminal.lines)
    assert terminal.lines[-2:] == [
        "not in edition 1.0, or reworded since: 1 passed, 1 failed",
        "1 passed: conformant (every MUST of edition 1.0 was judged and holds)",
    ]


@pytest.mark.parametrize("edition", [None, "1.0"])
def test_the_json_report_marks_them(edition: str | None) -> None:
    report = json_report(
        [IN_IT, REWORDED, NEW],
        CONCLUSION,
        subject="x",
        edition=edition,
        broker="y",
        queue_type="classic",
        seed=1,
        started=datetime.datetime.now(datetime.UTC),
        seconds=1.0,
        foreseen=[],
        about={},
        again=str,
    )
    assert report["edition"] == edition
    assert [clause["edition"] for clause in report["clauses"]] == [None, "reworded", "new"]
    assert report["counts"] == {"passed": 1, "failed": 0, "not judged": 0}
