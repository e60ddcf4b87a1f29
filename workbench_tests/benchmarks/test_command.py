"""`./spec bench`: its options, its exit status, and what it writes. Nothing is measured here."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import groups, readme
from benchmarks.__main__ import main
from benchmarks.rows import Given, Row
from workqueue_spec.errors import SetupError

FAST, SLOW, BROKEN = "fast", "slow", "broken"


def good(given: Given) -> Iterator[Row]:
    yield Row("a ratio", "direct", (1.0,) * given.rounds)


def bad(_: Given) -> Iterator[Row]:
    yield Row("half of it", "direct", (1.0,))
    raise SetupError("No broker answers.\nThe end of its log.")


@pytest.fixture(autouse=True)
def readme_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The groups and the README are replaced for each test here."""
    file = tmp_path / "README.md"
    file.write_text(f"Before.\n\n{readme.BEGIN}\nold\n{readme.END}\nAfter.\n", encoding="utf-8")
    monkeypatch.setattr(readme, "FILE", file)
    for name in list(groups.GROUPS):
        monkeypatch.delitem(groups.GROUPS, name)
    monkeypatch.setitem(groups.GROUPS, FAST, ("Fast things", good))
    monkeypatch.setitem(groups.GROUPS, SLOW, ("Slow things", good))
    return file


def test_the_rows_that_are_named_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([SLOW]) == 0
    output = capsys.readouterr().out
    assert "Slow things" in output
    assert "1.00 x" in output
    assert "Fast things" not in output


def test_the_load_of_the_machine_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    main([FAST])
    assert "load average before the run: " in capsys.readouterr().out


def test_json_holds_the_rows_and_the_machine(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    assert main([FAST, "--rounds", "3", "--report-json", str(file)]) == 0
    report = json.loads(file.read_text(encoding="utf-8"))
    assert report["rounds"] == 3
    assert [row["values"] for row in report["rows"][FAST]] == [[1, 1, 1]]
    assert {"date", "machine", "versions"} <= report["about"].keys()


def test_without_names_the_readme_gets_the_results(readme_file: Path) -> None:
    assert main([]) == 0
    text = readme_file.read_text(encoding="utf-8")
    assert text.startswith("Before.\n")
    assert text.endswith("\nAfter.\n")
    assert "old" not in text
    assert "### Fast things" in text
    assert "- date: " in text


def test_with_names_the_readme_stays(readme_file: Path) -> None:
    before = readme_file.read_text(encoding="utf-8")
    main([FAST])
    assert readme_file.read_text(encoding="utf-8") == before


def test_what_cannot_be_measured_says_why_and_the_rest_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(groups.GROUPS, BROKEN, ("Broken things", bad))
    assert main([]) == 1
    output = capsys.readouterr().out
    assert "half of it" in output
    assert "No broker answers." in output
    assert "The end of its log." not in output
    assert "Slow things" in output


@pytest.mark.parametrize(("named", "status"), [(["matrix"], 1), ([], 0)])
def test_the_matrix_is_asked_for_only_if_it_is_named_or_given(
    monkeypatch: pytest.MonkeyPatch, named: list[str], status: int
) -> None:
    def none(_: Given) -> Iterator[Row]:
        yield Row("kill matrix", why_not="no file")

    monkeypatch.setitem(groups.GROUPS, groups.MATRIX, ("The kill matrix", none))
    assert main(named) == status


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["taps"], "There is no row 'taps'; the rows are fast, slow."),
        (["--rounds", "0"], "There cannot be 0 rounds; give 1 or more."),
        (
            ["--rounds", "few"],
            "Argument --rounds: invalid int value: 'few'; see ./spec bench --help.",
        ),
        (["--round-s"], "Unrecognized arguments: --round-s; see ./spec bench --help."),
        (["--events", "10"], "Judging 10 events is too short to be measured; give 10000 or more."),
        (["--matrix", "/nowhere/mutants.json"], "The matrix /nowhere/mutants.json cannot be read: "),
        (["--report-json", "/nowhere/bench.json"], "The report /nowhere/bench.json cannot be written; "),
    ],
)
def test_bad_input_is_told_in_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(arguments) == 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"spec: {sentence}")
    assert printed.err.count("\n") == 1


def test_an_interrupted_run_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], readme_file: Path
) -> None:
    def interrupted(_: Given) -> Iterator[Row]:
        raise KeyboardInterrupt
        yield

    before = readme_file.read_text(encoding="utf-8")
    monkeypatch.setitem(groups.GROUPS, BROKEN, ("Broken things", interrupted))
    assert main([]) == 130
    assert capsys.readouterr().err == "\nspec: interrupted.\n"
    assert readme_file.read_text(encoding="utf-8") == before


def test_a_readme_without_a_place_for_the_results_is_refused() -> None:
    with pytest.raises(SetupError, match="has no lines"):
        readme.replaced("no marks", "results")


def test_the_readme_of_the_repository_has_a_place_for_the_results() -> None:
    text = Path(readme.__file__).with_name("README.md").read_text(encoding="utf-8")
    assert "results of a test" in readme.replaced(text, "results of a test")
