"""RESULTS.md, from the reports of programs and their pairs."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec import results as module
from workqueue_spec.pairs.meeting import Meeting, Outcome
from workqueue_spec.results import main, results, versions

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
    text = results(REPORTS, MET)
    assert "| W12 a-clause | MUST | ✓ | ✗ |" in text
    assert "W01" not in text


def test_what_is_broken_has_its_reason() -> None:
    assert "- **W12 a-clause** (MUST): it blocks" in results(REPORTS, MET)


def test_it_is_dated_and_says_where() -> None:
    assert "2026-11-24, RabbitMQ, classic queues" in results(REPORTS, MET)


def test_the_pairs_stand_at_its_end() -> None:
    assert results(REPORTS, MET).rstrip().endswith("- mine, worker: q durable")


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
    said = "spec: There is no implementation 'nobody'; they lie in implementations/.\n"
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


@pytest.mark.parametrize(("names", "writes"), [([], True), (["reference"], False)], ids=["all", "some"])
def test_only_results_of_all_are_written(
    names: list[str],
    writes: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
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
    assert main(names) == 0
    assert (tmp_path / "RESULTS.md").exists() is writes
    assert ("it blocks" in capsys.readouterr().out) is not writes
