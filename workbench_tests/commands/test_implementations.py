"""RESULTS.md, from the reports of the programs and the results of their pairs."""

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

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
        "suite": {"version": "1.0"},
        "program": {},
        "started": "2026-11-24T01:00:00+00:00",
        "seconds": 61.5,
        "counts": {"not judged": 0},
        "clauses": list(clauses),
    }


REPORTS = {
    "reference": report(clause("W01", "passed"), clause("W12", "passed")),
    "mine": report(clause("W01", "passed"), clause("W12", "failed", known="it blocks")),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three profiles: one with its code, a release of it with a bug, and one that uses the code of the first."""
    commands = 'producer = ["sh"]\nworker = ["sh"]\n'
    for name, text in {
        "mine/profile.toml": commands,
        "mine/profile-before.toml": f'{commands}[known_failures]\nW12 = "a bug"\nW16 = "another"\n',
        "mine-again/profile.toml": f'folder = "../mine"\n{commands}',
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(module, "HOME", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("home")
def test_only_clauses_that_somebody_breaks_have_a_row() -> None:
    text = judgements(REPORTS)
    assert "| W12 a-clause | MUST | ✓ | ✗ |" in text
    assert "W01" not in text


def test_a_clause_that_is_not_asked_of_a_program_has_no_sign(home: Path) -> None:
    (home / "service").mkdir()
    (home / "service" / "profile.toml").write_text('producer = ["sh"]\n')
    alone = report(clause("P27", "failed"))
    text = judgements({**REPORTS, "service": alone})
    assert "| W12 a-clause | MUST | ✓ | ✗ |  |" in text
    assert "| P27 a-clause | MUST |  |  | ✗ |" in text
    assert text.index("P27") < text.index("W12")


def test_a_producer_alone_has_no_pair() -> None:
    assert not module._is_paired("express")
    assert module._folder("express") == module.HOME / "express"
    assert module._is_paired("kombu")
    assert module._is_paired("reference")


@pytest.mark.usefixtures("home")
def test_what_is_broken_has_its_reason() -> None:
    assert "- **W12 a-clause** (MUST): it blocks" in judgements(REPORTS)


@pytest.mark.usefixtures("home")
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


OLD = {
    **REPORTS,
    "mine/before": {**report(clause("W12", "failed", known="see issue 1")), "subject": "a program 0.1"},
}


@pytest.mark.usefixtures("home")
def test_a_release_with_a_known_bug_has_rows_of_its_own() -> None:
    text = judgements({**OLD, "mine": report(clause("W01", "passed"), clause("W12", "passed"))})
    assert "| a program 0.1 | W12 a-clause | ✗ | ✓ | see issue 1 |" in text
    assert "All 2 programs keep" in text


def test_a_release_with_a_known_bug_can_be_judged_alone() -> None:
    text = judgements({"mine/before": OLD["mine/before"]})
    assert "| a program 0.1 | W12 a-clause | ✗ |  | see issue 1 |" in text


def test_a_release_with_a_known_bug_is_asked_for_its_clauses_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda arguments, **_: arguments)
    begun = cast(list[str], module._begin("mine/before", [], home))
    assert begun[begun.index("-k") + 1] == "W12 or W16"
    assert str(home / "mine" / "profile-before.toml") in begun
    assert "-k" not in cast(list[str], module._begin("mine", [], home))


@pytest.mark.usefixtures("home")
def test_only_programs_with_code_of_their_own_are_paired() -> None:
    names = list(module._all_names())
    assert names == ["mine", "mine/before", "mine-again"]
    assert [name for name in names if module._is_paired(name)] == ["mine"]


@pytest.mark.usefixtures("home", "written")
def test_nobody_is_paired_if_only_releases_with_a_known_bug_are_judged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "meet_all", lambda *_: pytest.fail("nobody has anybody to meet"))
    assert main(["mine/before"]) == 0
    told = capsys.readouterr().out
    assert "| a program | W12 a-clause | ✗ |  | it blocks |" in told
    assert "Pairs" not in told


@pytest.mark.usefixtures("home")
def test_the_others_are_told_if_one_could_not_be_judged(
    written: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judge_all = module._judge_all
    monkeypatch.setattr(module, "_judge_all", lambda names, *rest: judge_all(names[:1], *rest) and False)
    assert main([]) == 1
    told = capsys.readouterr()
    assert "it blocks" in told.out
    assert "spec: no report of mine, mine/before, mine-again: the output above says why." in told.err
    assert not written.exists()


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


def test_an_interrupted_run_leaves_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def begin(name: str, _run_with: Sequence[str], folder: Path) -> "subprocess.Popen[bytes]":
        report = module._file(folder, name, "json")
        if name == "done":
            module._file(folder, name, "txt").touch()
            done = subprocess.Popen(["touch", report])
            done.wait()
            return done
        script = f"trap 'touch {report}; exit 2' INT; touch {folder}/ready; while :; do sleep 0.01; done"
        return subprocess.Popen(["sh", "-c", script])

    looks = itertools.count()

    def interrupts(_: float) -> None:
        if next(looks) and (tmp_path / "ready").exists():
            raise KeyboardInterrupt

    monkeypatch.setattr(module, "_begin", begin)
    monkeypatch.setattr(time, "sleep", interrupts)
    with pytest.raises(KeyboardInterrupt):
        module._judge_all(["done", "broken-off"], [], tmp_path)
    assert [file.name for file in tmp_path.glob("*.json")] == ["done.json"]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that results on classic queues are written to. The judging is replaced: every program breaks W12."""

    def judge_all(judged: Sequence[str], _run_with: Sequence[str], folder: Path) -> bool:
        for name in judged:
            module._file(folder, name, "json").write_text(
                json.dumps(report(clause("W12", "failed", known="it blocks")))
            )
        return True

    monkeypatch.setattr(module, "HOME", tmp_path)
    files = {"classic": tmp_path / "RESULTS.md", "quorum": tmp_path / "RESULTS-quorum.md"}
    monkeypatch.setattr(module, "FILES", files)
    monkeypatch.setattr(module, "_judge_all", judge_all)
    monkeypatch.setattr(
        module,
        "meet_all",
        lambda names, *_: ({(a, b): (WORKS, WORKS) for a in names for b in names}, None),
    )
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


def test_the_results_on_quorum_queues_have_a_file_of_their_own(home: Path, written: Path) -> None:
    profile = home / "mine" / "profile-before.toml"
    profile.write_text('queue_type = "classic"\n' + profile.read_text())
    assert main(["--queue-type", "quorum"]) == 0
    text = (home / "RESULTS-quorum.md").read_text()
    assert "RESULTS.md" not in text, "there is no such file"
    assert "Not judged here, since they declare classic queues: mine/before." in text
    assert "### mine-again:" in text
    assert not written.exists()

    assert main([]) == 0
    assert (
        "The results with quorum queues are in [RESULTS-quorum.md](RESULTS-quorum.md)." in written.read_text()
    )


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


def test_a_run_that_is_resumed_judges_the_others_only(
    home: Path, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports, judged = tmp_path / "reports", list[str]()
    judge_all = module._judge_all

    def breaks_off(names: Sequence[str], run_with: Sequence[str], folder: Path) -> bool:
        judged.extend(names)
        judge_all(names[:2], run_with, folder)
        raise KeyboardInterrupt

    def goes_on(names: Sequence[str], run_with: Sequence[str], folder: Path) -> bool:
        judged.extend(names)
        return judge_all(names, run_with, folder)

    monkeypatch.setattr(module, "_judge_all", breaks_off)
    assert main(["--reports", str(reports)]) == 130
    assert judged == ["reference", "mine", "mine/before", "mine-again"]
    assert sorted(file.name for file in reports.iterdir()) == ["mine.json", "reference.json"]

    judged.clear()
    monkeypatch.setattr(module, "_judge_all", goes_on)
    assert main(["--reports", str(reports), "--resume"]) == 0
    assert judged == ["mine/before", "mine-again"]
    assert "### mine-again:" in written.read_text()
    assert "### reference:" in written.read_text()


@pytest.mark.usefixtures("home", "written")
def test_a_report_of_another_broker_is_not_resumed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.json").write_text(json.dumps({**report(), "broker": "GarageMQ"}))
    assert main(["reference", "mine", "--reports", str(tmp_path), "--resume"]) == 1
    said = f"The reports in {tmp_path} differ: GarageMQ, classic queues, 1.0; RabbitMQ, classic queues, 1.0."
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("outcome", "level", "known", "expected"),
    [
        ("passed", "MUST", "", True),
        ("passed", "MUST", "it breaks it", False),
        ("failed", "MUST", "", False),
        ("failed", "SHOULD", "", True),
        ("failed", "MUST", "it breaks it", True),
        ("not judged", "MUST", "it breaks it", True),
    ],
)
def test_a_kept_report_is_as_expected_as_the_exit_status_of_its_run_says(
    outcome: str, level: str, known: str, expected: bool
) -> None:
    assert module._is_as_expected(report(clause("W12", outcome, level=level, known=known))) is expected


def test_to_resume_takes_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--resume"]) == 4
    assert "--resume takes --reports FOLDER" in capsys.readouterr().err


@pytest.mark.usefixtures("home", "written")
def test_what_is_no_report_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.json").write_text("{}")
    assert main(["mine", "--reports", str(tmp_path), "--resume"]) == 1
    assert f"spec: {tmp_path / 'mine.json'} is no JSON report of a run." in capsys.readouterr().err
