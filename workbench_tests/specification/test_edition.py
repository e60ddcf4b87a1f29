"""Editions: what their files say, and which clauses of today they judge by."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from workqueue_spec.errors import SetupError
from workqueue_spec.specification import edition
from workqueue_spec.specification.chapters import RETIRED, chapters
from workqueue_spec.specification.clauses import Class, Clause, Level, Role
from workqueue_spec.specification.edition import FOLDER, REWORDED, Change, Edition, Entry

TODAY = [clause for chapter in chapters() for clause in chapter.clauses]
CLAUSE = Clause(
    id="W03",
    slug="ack-after-work",
    class_=Class.CORE,
    level=Level.MUST,
    role=Role.WORKER,
    statement="A worker acknowledges a task after the work.",
    procedure="It is watched.",
    source="The tutorial",
    presumes=(),
    test="spec_tests.test_worker::test_it",
)
FINAL = Edition("1.0", draft=False, clauses={"W03": Entry.of(CLAUSE)})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of its own for the editions that a test writes."""
    monkeypatch.setattr(edition, "FOLDER", tmp_path)
    edition.read.cache_clear()
    yield tmp_path
    edition.read.cache_clear()


@pytest.mark.parametrize("name", edition.names())
def test_a_draft_says_what_the_clauses_say(name: str) -> None:
    if not edition.read(name).draft:
        pytest.skip(f"edition {name} is final")
    how = f"the draft {name} is out of date: python -m workqueue_spec.specification --edition {name}"
    assert (FOLDER / f"{name}.toml").read_text(encoding="utf-8") == edition.text(name, TODAY, draft=True), how


@pytest.mark.parametrize("name", edition.names())
def test_every_clause_of_an_edition_stands_as_the_edition_has_it(name: str) -> None:
    assert not list(edition.read(name).mistakes(TODAY, retired=RETIRED, reworded=REWORDED))


def test_what_is_said_to_be_reworded_is_a_clause() -> None:
    assert REWORDED.keys() <= {clause.id for clause in TODAY}


@pytest.mark.parametrize(
    ("today", "says"),
    [
        ([], "W03 is a clause of edition 1.0, and is gone"),
        ([replace(CLAUSE, slug="another")], "W03 is ack-after-work (worker) in edition 1.0, and another"),
        ([replace(CLAUSE, role=Role.PRODUCER)], "and ack-after-work (producer) today"),
        ([replace(CLAUSE, statement="Another promise.")], "W03 was reworded after edition 1.0"),
    ],
)
def test_a_number_stays_with_its_clause(today: list[Clause], says: str) -> None:
    (mistake,) = FINAL.mistakes(today, retired=(), reworded=())
    assert says in mistake


def test_a_clause_may_be_retired_or_reworded_if_that_is_said() -> None:
    assert not list(FINAL.mistakes([], retired=["W03"], reworded=()))
    changed = replace(CLAUSE, statement="Another promise.")
    assert not list(FINAL.mistakes([changed], retired=(), reworded=["W03"]))


def test_an_edition_judges_by_the_clauses_that_it_has() -> None:
    assert FINAL.change(CLAUSE) is None
    assert FINAL.change(replace(CLAUSE, procedure="It is watched better.")) is None
    assert FINAL.change(replace(CLAUSE, statement="A worker acknowledges.")) is Change.REWORDED
    assert FINAL.change(replace(CLAUSE, id="W99")) is Change.NEW


def test_white_space_is_no_wording() -> None:
    assert edition.wording("A worker\n  works.") == edition.wording(" A worker works. ")
    assert edition.wording("A worker works.") == "1fe9fb963f4485a5"


def test_a_clause_has_the_class_and_level_of_the_edition() -> None:
    old = Edition(
        "1.0", False, {"W03": replace(Entry.of(CLAUSE), class_=Class.PRODUCTION, level=Level.SHOULD)}
    )
    was = old.as_it_was(CLAUSE)
    assert (was.class_, was.level) == (Class.PRODUCTION, Level.SHOULD)
    new = replace(CLAUSE, id="W99")
    assert old.as_it_was(new) is new


def test_what_was_reworded_or_retired_has_lapsed() -> None:
    both = Edition("1.0", False, {"W03": Entry.of(CLAUSE), "W04": Entry.of(CLAUSE)})
    assert list(both.lapsed([CLAUSE])) == ["W04"]
    assert list(both.lapsed([replace(CLAUSE, statement="Another promise.")])) == ["W03", "W04"]


def test_an_edition_is_read_as_it_was_written(folder: Path) -> None:
    assert edition.write("1.0", [CLAUSE], draft=True) == folder / "1.0.toml"
    assert edition.read("1.0") == replace(FINAL, draft=True)
    assert edition.read("1.0").title == "1.0 draft"
    edition.write("1.0", [CLAUSE], draft=False)
    assert edition.read("1.0") == FINAL
    assert FINAL.title == "1.0"


@pytest.mark.usefixtures("folder")
def test_a_final_edition_is_never_written_again() -> None:
    edition.write("1.0", [CLAUSE], draft=False)
    with pytest.raises(SetupError, match=r"Edition 1\.0 is final"):
        edition.write("1.0", [CLAUSE], draft=True)


@pytest.mark.usefixtures("folder")
def test_editions_are_ordered_by_their_numbers() -> None:
    for name in ("1.10", "1.9", "2.0"):
        edition.write(name, [CLAUSE], draft=True)
    assert edition.names() == ["1.9", "1.10", "2.0"]
    with pytest.raises(
        SetupError, match=r"no edition '3\.0' of the specification; known: 1\.9, 1\.10, 2\.0\.$"
    ):
        edition.read("3.0")


@pytest.mark.parametrize("name", ["../1.0", "one", "1", ""])
def test_what_is_no_name_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(SetupError, match="no name of an edition"):
        edition.write(name, [CLAUSE], draft=True)
    assert not list(folder.iterdir())
