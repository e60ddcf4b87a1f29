"""The remedies of the clauses: complete, right in form, and read with one sentence for each mistake."""

import importlib
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Protocol

import pytest

from workqueue_spec import ROOT, importable
from workqueue_spec.errors import SetupError
from workqueue_spec.specification import clause, must, production, worker
from workqueue_spec.specification.chapters import CHAPTERS, all_clauses, clauses_of
from workqueue_spec.specification.clauses import Clause, clause_of
from workqueue_spec.specification.document import anchor, escaped, specification
from workqueue_spec.specification.remedies import (
    LIBRARIES,
    Remedy,
    all_settings,
    file_of,
    read_setting,
    remedy_of,
)

FOLDER = ROOT / "spec_tests" / "remedies"
WITH_A_FILE = [name for name in CHAPTERS if file_of(ROOT / "spec_tests" / f"test_{name}.py").is_file()]
SETTINGS = sorted((FOLDER / "settings").glob("*.toml"))


def chapter(name: str) -> ModuleType:
    return importlib.import_module(importable(f"spec_tests.test_{name}"))


def of_chapter(name: str) -> dict[str, Remedy | None]:
    return {each.id: remedy_of(each) for each in clauses_of(chapter(name))}


@pytest.mark.parametrize("name", WITH_A_FILE)
def test_each_clause_of_the_chapter_has_a_remedy(name: str) -> None:
    assert [id_ for id_, remedy in of_chapter(name).items() if remedy is None] == []


def test_each_chapter_has_its_remedies() -> None:
    assert tuple(WITH_A_FILE) == CHAPTERS


def test_the_folder_holds_the_chapters_remedies_only() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(WITH_A_FILE)


@pytest.mark.parametrize("name", WITH_A_FILE)
def test_texts_are_short_sentences(name: str) -> None:
    for id_, remedy in of_chapter(name).items():
        assert remedy is not None
        for text in (remedy.why, remedy.how):
            assert text.endswith("."), id_
            assert len(re.findall(r"[.!?](?= [A-Z`]|$)", text)) <= 3, id_
            assert len(text) <= 400, id_


@pytest.mark.parametrize("file", SETTINGS, ids=lambda file: file.stem)
def test_a_setting_is_used_and_can_be_read(file: Path) -> None:
    tables = [tomllib.loads(each.read_text("utf-8")) for each in FOLDER.glob("*.toml")]
    used = {name for table in tables for remedy in table.values() for name in remedy.get("settings", [])}
    assert file.stem in used
    assert {call.library for call in read_setting(file).calls} <= set(LIBRARIES)


def test_titles_and_anchors_are_unique() -> None:
    titles = [setting.subject for setting in all_settings()]
    assert len(titles) == len(SETTINGS)
    headings = [line.lstrip("# ") for line in specification().splitlines() if line.startswith("#")]
    anchors = Counter(map(anchor, headings))
    assert [title for title in titles if anchors[anchor(title)] != 1] == []


def test_the_specification_shows_them() -> None:
    text = specification()
    line = next(
        number
        for number, line in enumerate((ROOT / "reference/worker.py").read_text("utf-8").splitlines(), 1)
        if "def subscribe(" in line
    )
    assert f"In the reference: [reference/worker.py:{line}](reference/worker.py#L{line})." in text
    assert "In common libraries: [Prefetch of 1](#prefetch-of-1)." in text
    assert text.count("Why it matters: ") == sum(len(of_chapter(name)) for name in WITH_A_FILE)


def test_code_is_shown_as_it_stands() -> None:
    shown = escaped("$ch->ack(*a, _b) in Map<K> `as $is` [x](y) x_y")
    assert shown == r"\$ch->ack(\*a, \_b) in Map\<K> `as $is` \[x](y) x_y"


def test_a_remedy_as_data() -> None:
    found = next(remedy_of(each) for each in all_clauses() if each.id == "W02")
    assert found is not None
    data = found.as_data()
    assert data.keys() == {"why", "how", "reference", "settings"}
    assert data["reference"][0].keys() == {"name", "path", "line"}
    assert [each["library"] for each in data["settings"]] == list(LIBRARIES)
    assert {each["subject"] for each in data["settings"]} == {"Prefetch of 1"}


def test_what_has_an_effect_on_quorum_queues_alone_is_left_out_on_classic_ones() -> None:
    found = next(remedy_of(each) for each in all_clauses() if each.id == "W40")
    assert found is not None
    limit, dead = "A limit of deliveries (quorum queues)", "A dead letter exchange"
    for queue_type, subjects in (("", {limit, dead}), ("quorum", {limit, dead}), ("classic", {dead})):
        assert {each["subject"] for each in found.as_data(queue_type)["settings"]} == subjects


def test_a_setting_of_any_queue_asks_for_no_type() -> None:
    for setting in all_settings():
        if setting.queue_type:
            assert f"({setting.queue_type} queues)" in setting.subject
        elif setting.subject != "The same queue arguments everywhere":
            assert "x-queue-type" not in " ".join(call.do for call in setting.calls), setting.subject


# A team's own clauses

MODULE = """\
from workqueue_spec.specification import clause, must, production, worker

@clause("T01", "it-holds", production, must, owed_by=worker, source="https://wiki.example")
def test_it():
    "It holds."

class Ours:
    def keeps_it(self): ...
"""
REMEDY = '[T01]\nwhy = "Bad."\nhow = "Mend it."\n'
SETTING = 'title = "A thing"\n[pika]\ndo = "do()"\nlink = "https://wiki.example"\n'


class Own(Protocol):
    """Makes a team's chapter with these files beside it, and returns its clause."""

    def __call__(self, remedy: str = REMEDY, **settings: str) -> Clause: ...


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Own:
    def make(remedy: str = REMEDY, **settings: str) -> Clause:
        file, remedies = tmp_path / "test_ours.py", tmp_path / "remedies"
        file.write_text(MODULE)
        (remedies / "settings").mkdir(parents=True)
        (remedies / "ours.toml").write_text(remedy)
        for name, text in settings.items():
            (remedies / "settings" / f"{name}.toml").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "test_ours", raising=False)
        found = clause_of(importlib.import_module("test_ours").test_it)
        assert found is not None
        return found

    return make


def test_own_clauses_have_remedies_of_their_own(own: Own) -> None:
    remedy = f'{REMEDY}reference = ["test_ours.py:Ours.keeps_it"]\nsettings = ["thing", "prefetch"]\n'
    found = remedy_of(own(remedy, thing=SETTING))
    assert found is not None
    assert (found.why, found.how) == ("Bad.", "Mend it.")
    assert [(place.path, place.line) for place in found.reference] == [("test_ours.py", 8)]
    assert [setting.subject for setting in found.settings] == ["A thing", "Prefetch of 1"]


def test_own_clauses_need_none(own: Own) -> None:
    assert remedy_of(own("")) is None

    @clause("T02", "x", production, must, owed_by=worker, source="x")
    def test_it() -> None:
        """It holds."""

    found = clause_of(test_it)
    assert found is not None
    assert remedy_of(found) is None  # no file lies beside this one


@pytest.mark.parametrize(
    ("remedy", "says"),
    [
        ("[T01", "cannot be read: "),
        ("T01 = 1\n", "T01 must be a table"),
        ('[T01]\nhow = "x"\n', "T01.why must be a text"),
        ('[T01]\nwhy = "x"\nhow = " "\n', "T01.how must be a text"),
        (f"{REMEDY}because = 1\n", "T01 has the unknown key because"),
        (REMEDY.replace("T01", "T09"), "names T09, and test_ours.py has no such clause"),
        (f'{REMEDY}settings = "prefetch"\n', "T01.settings must be a list of texts"),
        (
            f'{REMEDY}settings = ["nothing"]\n',
            "names the setting 'nothing', and there is no file settings/nothing",
        ),
        (f'{REMEDY}reference = ["test_ours.py:Ours"]\nsettings = [1]\n', "T01.settings must be a text"),
        (
            f'{REMEDY}reference = ["test_ours.py:No"]\n',
            "names 'test_ours.py:No', and there is no such function",
        ),
        (f'{REMEDY}reference = ["no.py:No"]\n', "names 'no.py:No', and there is no such function or class"),
    ],
)
def test_a_mistake_gets_one_sentence(own: Own, tmp_path: Path, remedy: str, says: str) -> None:
    with pytest.raises(SetupError) as raised:
        remedy_of(own(remedy))
    assert str(raised.value).startswith(f"{tmp_path}/remedies/ours.toml: {says}")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("x", "cannot be read: "),
        (SETTING.replace("title", "titel"), "title must be a text"),
        (SETTING.replace("[pika]", "[pica]"), "names the library 'pica'; known: pika, aio-pika, "),
        ('title = "x"\n', "names no library"),
        (f'queue_type = "stream"\n{SETTING}', "queue_type must be classic or quorum"),
        (f"queue_type = 1\n{SETTING}", "queue_type must be classic or quorum"),
        ('title = "x"\npika = 1\n', "pika must be a table of `do` and `link`"),
        (f'{SETTING}more = "x"\n', "pika must be a table of `do` and `link`"),
        (SETTING.replace("https:", "http:"), "pika.link must begin with https://"),
        (SETTING.replace("do()", ""), "pika.do must be a text"),
    ],
)
def test_a_mistake_in_a_setting_gets_one_sentence(own: Own, tmp_path: Path, setting: str, says: str) -> None:
    with pytest.raises(SetupError) as raised:
        remedy_of(own(f'{REMEDY}settings = ["thing"]\n', thing=setting))
    assert str(raised.value).startswith(f"{tmp_path}/remedies/settings/thing.toml: {says}")
    assert "\n" not in str(raised.value)
