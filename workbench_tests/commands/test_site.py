"""The command that makes a site, and the command that keeps the reports for it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from workbench_tests.report.html import reports
from workqueue_spec.commands import implementations, site
from workqueue_spec.report.site.runs import mistake_in


@pytest.fixture
def report(tmp_path: Path) -> Path:
    file = tmp_path / "r.json"
    file.write_text(json.dumps(reports.usual()))
    return file


def test_it_writes_the_site_and_says_where_it_begins(
    tmp_path: Path, report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "site"
    assert site.main([str(report), "-o", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder / 'index.html'}\n"
    assert "our worker" in (folder / "index.html").read_text()
    assert "acks_before_the_work" in (folder / "clauses" / "W03.html").read_text()
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["site"]
    assert folder.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "x.json cannot be read: No such file or directory."),
        ("{", "x.json is not JSON."),
        ("[]", "x.json is not a report of `check`."),
        (json.dumps({**reports.usual(), "schema": 1}), "x.json has the schema 1, which holds no events"),
        (json.dumps({**reports.usual(), "schema": 3}), "x.json has the schema 3, and this version can show"),
        (
            json.dumps(reports.usual()),
            "r.json are of the same program, broker and queue type; leave one out.",
        ),
    ],
)
def test_a_file_that_cannot_be_shown_is_told_in_a_sentence(
    tmp_path: Path, report: Path, capsys: pytest.CaptureFixture[str], content: str | None, says: str
) -> None:
    other = tmp_path / "x.json"
    if content is not None:
        other.write_text(content)
    assert site.main([str(report), str(other), "-o", str(tmp_path / "site")]) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("spec: ")
    assert says in line
    assert not (tmp_path / "site").exists()


def test_a_folder_that_holds_something_is_left_alone(
    tmp_path: Path, report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for output, says in (
        (tmp_path, "is not empty; remove it, or name a new folder with -o."),
        (report, "is no folder; name a new folder with -o."),
        (report / "below", "cannot be written"),
    ):
        assert site.main([str(report), "-o", str(output)]) == 4
        assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [report]


def test_implementations_keeps_each_report_that_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def judge_all(_names: Sequence[str], _run_with: Sequence[str], folder: Path) -> bool:
        (folder / "reference.json").write_text(json.dumps(reports.usual()))
        return False

    monkeypatch.setattr(implementations, "_judge_all", judge_all)
    kept = tmp_path / "a" / "kept"
    assert implementations.main(["reference", "kombu", "--reports", str(kept)]) == 1
    assert "not all could be judged" in capsys.readouterr().err
    (file,) = kept.iterdir()
    found: dict[str, Any] = json.loads(file.read_text())
    assert mistake_in(found) == ""
    assert found["program"]["folder"] == "reference"
    assert found["program"]["versions"].startswith("pika ")
    assert implementations.main(["reference", "--reports", str(file)]) == 4
    assert "cannot be made: File exists." in capsys.readouterr().err
