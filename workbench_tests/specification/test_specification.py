"""SPEC.md and the clauses agree."""

import ast
from collections import Counter
from itertools import groupby

from workqueue_spec import ROOT
from workqueue_spec.specification.chapters import CHAPTERS, RETIRED, chapters
from workqueue_spec.specification.document import FILE, specification

SPEC_TESTS = ROOT / "spec_tests"
CLAUSES = [clause for chapter in chapters() for clause in chapter.clauses]


def test_the_specification_says_what_the_clauses_say() -> None:
    how = "SPEC.md is out of date: write it again with python -m workqueue_spec.specification"
    assert FILE.read_text(encoding="utf-8") == specification(), how


def test_every_chapter_is_in_the_specification() -> None:
    assert {f"test_{name}" for name in CHAPTERS} == {file.stem for file in SPEC_TESTS.glob("test_*.py")}


def test_every_test_judges_a_clause() -> None:
    tests = {
        f"spec_tests.{file.stem}::{node.name}"
        for file in SPEC_TESTS.glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert tests == {clause.test for clause in CLAUSES}


def test_a_number_belongs_to_one_clause_and_none_is_missing() -> None:
    numbers = Counter(clause.id for clause in CLAUSES)
    assert not [number for number, times in numbers.items() if times > 1]
    assert not numbers.keys() & RETIRED.keys()
    known = sorted({*numbers, *RETIRED})
    for letter, ids in groupby(known, key=lambda number: number[0]):
        chapter = list(ids)
        assert chapter == [f"{letter}{n:02}" for n in range(1, len(chapter) + 1)]


def test_slugs_are_short_names_and_unique() -> None:
    for clause in CLAUSES:
        assert clause.slug == clause.slug.lower()
        assert " " not in clause.slug
    for role in {clause.role for clause in CLAUSES}:
        slugs = Counter(clause.slug for clause in CLAUSES if clause.role is role)
        assert max(slugs.values()) == 1


def test_only_clauses_of_the_broker_are_presumed() -> None:
    of_the_broker = {clause.id for clause in CLAUSES if clause.role == "broker"}
    for clause in CLAUSES:
        assert of_the_broker.issuperset(clause.presumes), clause.id


def test_every_clause_has_a_statement_and_a_source() -> None:
    for clause in CLAUSES:
        assert clause.statement.endswith("."), clause.id
        assert clause.source, clause.id
