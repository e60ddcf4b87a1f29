"""RESULTS.md, from the reports of the programs and the results of their pairs."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec.commands import implementations as module
from workqueue_spec.commands.implementations import judgements, main, pairs, versions
from workqueue_spec.commands.pairs.meeting import Meeting, Outcome
from workqueue_spec.errors import SetupError

WORKS = Meeting(Outcome.WORKS, "in time", {"producer": ("q durable",), "worker": ("q durable",)})
MET = {(a, b): (WORKS, WORKS) for a in ("reference", "mine") for b in ("reference", "mine")}


def clause(id_: str, outcome: str, *, level: str = "MUST", known: str = "") -> dict[str, Any]:
    return {
        "id": id_,
        "slug": "a-clause",
        "level": level,
        "outcome": outcome,
        "reason": "",
        "known_failure": known,
    }


def report(*clauses: dict[str, Any]) -> dict[str, Any]:
    return {
        "subject": "a program",
        "broker": "RabbitMQ",
        "queue_type": "classic",
        "started": "2026-11-24T01:00:00+00:00",
        "seconds": 61.5,
        "counts": {"not judged": 0},
        "clauses": list(clauses),
    }


REPORTS = {
    "reference": report(clause("W01", "passed"), clause("W12", "passed")),
    "mine": report(clause("W01", "passed"), clause("W12", "failed", known="it blocks")),
}


def test_only_clauses_that_somebody_breaks_have_a_row() -> None:
    text = judgements(REPORTS)
    assert "| W12 a-clause | MUST | ✓ | ✗ |" in text
    assert "W01" not in text


def test_what_is_broken_has_its_reason() -> None:
    assert "- **W12 a-clause** (MUST): it blocks" in judgements(REPORTS)


def test_it_is_dated_and_says_where() -> None:
    assert "2026-11-24, RabbitMQ, classic queues" in judgements(REPORTS)


def test_pairs_have_a_table_and_what_each_declares() -> None:
    text = pairs(list(REPORTS), MET)
    assert "| **mine** | works | works |" in text
    assert text.endswith("- mine, worker: q durable\n")


def test_versions_are_those_that_the_folder_pins_or_found(tmp_path: Path) -> None:
    folder = tmp_path / "kombu-twice"
    folder.mkdir()
    assert versions(folder) == "what the system has"
    (folder / "requirements.txt").write_text("kombu==5.5  # the library\n\nvine==5.1\n")
    assert versions(folder) == "kombu 5.5"
    (folder / "requirements.txt").unlink()
    (folder / "package.json").write_text(json.dumps({"dependencies": {"amqplib": "2.3.1"}}))
    assert versions(folder) == "amqplib 2.3.1"
    (folder / "build").mkdir()
    (folder / "build" / "version").write_text("librabbitmq4 0.11.0-1\n")
    assert versions(folder) == "librabbitmq4 0.11.0-1"


def test_an_implementation_that_is_not_there_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["nobody"]) == 4
    said = "spec: There is no implementation 'nobody'; all are in implementations/.\n"
    assert capsys.readouterr().err == said


def test_each_is_judged_once_and_told_with_its_own_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["one", "two", "three", "four", "five"]

    def begin(name: str, _run_with: Sequence[str], folder: Path) -> "subprocess.Popen[bytes]":
        (folder / f"{name}.txt").write_text(f"said of {name}")
        return subprocess.Popen([sys.executable, "-c", f"raise SystemExit({name == 'four':d})"])

    monkeypatch.setattr(module, "_begin", begin)
    assert not module._judge_all(names, [], tmp_path)
    told = capsys.readouterr().out
    assert sorted(names) == sorted(line.split()[1].strip(":") for line in told.splitlines() if "==" in line)
    assert "== four: exit status 1\nsaid of four" in told
    assert told.count("exit status 0") == 4


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that results are written to. The judging is replaced: every program breaks W12."""

    def judge_all(judged: Sequence[str], _run_with: Sequence[str], folder: Path) -> bool:
        for name in judged:
            (folder / f"{name}.json").write_text(
                json.dumps(report(clause("W12", "failed", known="it blocks")))
            )
        return True

    monkeypatch.setattr(module, "HOME", tmp_path)
    monkeypatch.setattr(module, "FILE", tmp_path / "RESULTS.md")
    monkeypatch.setattr(module, "_judge_all", judge_all)
    monkeypatch.setattr(module, "meet_all", lambda *_: ({("reference", "reference"): (WORKS, WORKS)}, None))
    return tmp_path / "RESULTS.md"


@pytest.mark.parametrize(("names", "writes"), [([], True), (["reference"], False)], ids=["all", "some"])
def test_all_results_are_told_and_only_those_of_all_are_written(
    names: list[str], writes: bool, written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(names) == 0
    assert written.exists() is writes
    told = capsys.readouterr().out
    assert "it blocks" in told
    assert "| **reference** | works |" in told
    if writes:
        text = written.read_text()
        assert text.index("# Results") < text.index("it blocks") < text.index("\n\n## Pairs\n")


def test_what_was_judged_is_told_though_the_pairs_cannot_be_held(
    written: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def cannot(*_: object) -> None:
        raise SetupError("no broker")

    monkeypatch.setattr(module, "meet_all", cannot)
    assert main([]) == 1
    told = capsys.readouterr()
    assert "it blocks" in told.out
    assert "no broker" in told.err
    assert not written.exists()
