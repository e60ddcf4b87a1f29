"""docs/library.md names what a team may use: each name can be imported, and says what it is."""

import importlib
import re
from types import ModuleType

import pytest

from workqueue_spec import ROOT
from workqueue_spec.bench import Bench, Worker
from workqueue_spec.wiretap import Tap

DOCUMENT = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
NAMES = re.findall(r"^\| `(workqueue_spec\.[\w.]+)` \|", DOCUMENT, re.MULTILINE)
WORDS = re.findall(r"^\| `(bench|worker|tap)\.(\w+)` \|", DOCUMENT, re.MULTILINE)


def parts(name: str) -> tuple[ModuleType, str]:
    module, _, last = name.rpartition(".")
    return importlib.import_module(module), last


def test_there_are_tables_of_names_and_words() -> None:
    assert len(NAMES) > 30
    assert {owner for owner, _ in WORDS} == {"bench", "worker", "tap"}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_named_can_be_imported_and_has_a_docstring(name: str) -> None:
    module, last = parts(name)
    assert last in getattr(module, "__all__", vars(module))
    assert getattr(module, last).__doc__


@pytest.mark.parametrize(("owner", "word"), WORDS)
def test_each_word_is_there_and_has_a_docstring(owner: str, word: str) -> None:
    kind = {"bench": Bench, "worker": Worker, "tap": Tap}[owner]
    assert getattr(kind, word).__doc__


@pytest.mark.parametrize("room", ["specification", "bench", "judgement"])
def test_a_room_offers_what_is_named_and_nothing_else(room: str) -> None:
    module = importlib.import_module(f"workqueue_spec.{room}")
    named = {last for each, last in map(parts, NAMES) if each is module}
    assert set(module.__all__) == named


def test_the_example_in_the_document_is_that_of_the_file() -> None:
    example = (ROOT / "docs" / "example" / "test_our_worker.py").read_text(encoding="utf-8")
    start = DOCUMENT.index("def test_one_invoice_at_a_time")
    assert DOCUMENT[start : DOCUMENT.index("```", start)].rstrip() in example


def test_twenty_lines_are_enough() -> None:
    example = (ROOT / "docs" / "example" / "test_our_worker.py").read_text(encoding="utf-8")
    assert example.count("bench: Bench") == 3
    body = example[example.index("@clause") :]
    code = re.sub(r'"""[\s\S]*?"""', "", body)
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
