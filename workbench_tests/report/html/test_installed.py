"""What is said if the extra is missing, or a file is no report that can be shown."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec.commands.report import main
from workqueue_spec.errors import SetupError
from workqueue_spec.report.html.installed import check_installed, mistake_in

from . import reports


def changed(**more: Any) -> dict[str, Any]:
    return {**reports.usual(), **more}


def test_a_report_has_no_mistake() -> None:
    assert mistake_in(reports.usual()) == ""
    assert mistake_in(json.loads(json.dumps(reports.hostile()))) == ""


@pytest.mark.parametrize(
    ("report", "says"),
    [
        ([], "is not a report of `check`"),
        ({"name": "something"}, "is not a report of `check`"),
        (changed(schema=1), "has the schema 1, which holds no events to show"),
        (changed(schema=3), "has the schema 3, and this version can show the schema 2"),
        (changed(schema="\x1b[31m"), "has the schema \\x1b[31m, and this version"),
        (changed(clauses=3), "is a damaged report: .clauses has another type than array"),
        (changed(clauses=[{"id": "W03"}]), "is a damaged report: .clauses[0] lacks the key slug"),
        (changed(verdict="perfect"), "is a damaged report: .verdict is none of conformant, nonconformant"),
        (changed(counts={"passed": 1}), "is a damaged report: .counts lacks the key failed"),
    ],
)
def test_a_file_that_cannot_be_shown_says_why(report: object, says: str) -> None:
    assert mistake_in(report).startswith(says)


def test_a_missing_extra_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    check_installed("--report-html")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        SetupError, match=r"--report-html needs more packages; run: pip install 'workqueue-spec\[html\]'"
    ):
        check_installed("--report-html")


def test_the_command_writes_the_page_beside_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "r.json"
    file.write_text(json.dumps(reports.usual()))
    assert main([str(file)]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'r.html'}\n"
    assert "<h1" in (tmp_path / "r.html").read_text()
    assert main([str(file), "-o", str(tmp_path / "other.html")]) == 0
    assert (tmp_path / "other.html").read_text() == (tmp_path / "r.html").read_text()


def test_the_command_writes_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "r.json"
    file.write_text(json.dumps(reports.usual()))
    assert main([str(file), "--pictures", str(tmp_path)]) == 0
    assert f"{tmp_path / 'round-robin.svg'}\n" in capsys.readouterr().out
    assert (tmp_path / "durable-survives.svg").read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("content", "arguments", "says"),
    [
        (None, [], "r.html cannot be read: No such file or directory."),
        ("{", [], "r.html is not JSON."),
        ("[]", [], "r.html is not a report of `check`."),
        (json.dumps(changed(schema=1)), [], "r.html has the schema 1, which holds no events"),
        (json.dumps(reports.usual()), [], "The page would replace "),
        (
            json.dumps(reports.usual()),
            ["-o", "/no/such/folder/x.html"],
            "The page /no/such/folder/x.html cannot be written",
        ),
        (json.dumps(reports.usual()), ["--pictures", "/no/such/folder"], "The picture /no/such/folder/"),
        (json.dumps(reports.report()), ["--pictures", "/tmp"], "has no behaviour that passed"),
    ],
)
def test_the_command_says_in_a_sentence_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, arguments: list[str], says: str
) -> None:
    file = tmp_path / "r.html"
    if content is not None:
        file.write_text(content)
    assert main([str(file), *arguments]) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("spec: ")
    assert says in line
