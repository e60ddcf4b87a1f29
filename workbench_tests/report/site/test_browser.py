"""The site in a real browser: it opens from disk, asks for nothing, and can be used by everybody.

The tests need Debian's `chromium`, or another one of its kind. Without one they are skipped, but in CI they fail.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec.specification.chapters import all_clauses

from ..visits import THEMES, WIDTHS, Visit, fits_into, shuts_nobody_out, visits
from . import judged

PAGES = ("index.html", "clauses/W03.html", "programs/our-worker.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of two sites: `usual`, and `hostile` with a program that is known by the name `hostile`."""
    home = tmp_path_factory.mktemp("sites")
    given = {"usual": judged.usual(), "hostile": judged.of_hostile_texts()}
    for site, reports in given.items():
        for name, content in judged.made(reports):
            file = home / site / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
    (program,) = (home / "hostile" / "programs").iterdir()
    program.rename(program.with_name("our-worker.html"))
    return home


@pytest.fixture
def opened(browser: Any, folder: Path) -> Iterator[Visit]:
    """Opens a page, and fails in the end if it said something in the console or asked for anything but pages of the
    site.
    """
    with visits(browser) as (visit, asked):
        yield lambda name, *how, **more: visit((folder / name).as_uri(), *how, **more)
    assert [each for each in asked if not each.startswith(folder.as_uri())] == []
    assert [each for each in asked if not each.partition("#")[0].endswith(".html")] == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("site", ["usual", "hostile"])
def test_nobody_is_shut_out(opened: Visit, site: str, page: str, theme: str) -> None:
    shuts_nobody_out(opened(f"{site}/{page}", theme=theme))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("site", ["usual", "hostile"])
def test_nothing_is_wider_than_the_window(opened: Visit, site: str, page: str, width: int) -> None:
    fits_into(opened(f"{site}/{page}", width), width, scrolling=".scroll")


def visible(shown: Any, selector: str) -> int:
    return sum(each.is_visible() for each in shown.locator(selector).all())


def test_without_scripts_everything_is_there_but_the_filters(opened: Visit) -> None:
    shown = opened("usual/index.html", java_script_enabled=False)
    assert shown.locator(".matrix tbody tr").count() == len(all_clauses())
    assert not shown.locator("form.filters").is_visible()


def test_the_filters_hide_rows(opened: Visit) -> None:
    shown = opened("usual/index.html")
    shown.locator("select[name=role]").select_option("worker")
    shown.locator("select[name=level]").select_option("SHOULD")
    wanted = [each.id for each in all_clauses() if (each.role, each.level) == ("worker", "SHOULD")]
    assert visible(shown, ".matrix tbody tr") == len(wanted)
    assert shown.locator("output").text_content().startswith(f"{len(wanted)} of {len(all_clauses())} clauses")
    shown.get_by_text("Show all").click()
    shown.locator("output", has_text=f"{len(all_clauses())} of {len(all_clauses())} clauses").wait_for()


def test_the_filters_hide_columns(opened: Visit) -> None:
    shown = opened("usual/index.html")
    assert visible(shown, ".matrix thead th") == 5
    shown.locator("select[name=queue]").select_option("quorum")
    assert visible(shown, ".matrix thead th") == 2
    assert visible(shown, ".matrix tbody tr:first-child td") == 1
    shown.locator("select[name=queue]").select_option("")
    shown.locator("select[name=broker]").select_option("RabbitMQ 4.0")
    assert visible(shown, ".matrix thead th") == 3


def test_only_differences_are_those_of_the_columns_that_are_shown(opened: Visit) -> None:
    shown = opened("usual/index.html")
    shown.get_by_label("only differences").check()
    rows = shown.locator(".matrix tbody tr:not([hidden]) th a")
    assert "W03" in rows.all_text_contents()
    assert "B01" not in rows.all_text_contents()
    shown.locator("select[name=program]").select_option("our-worker")
    assert rows.count() == 0


def test_the_matrix_is_used_by_keyboard(opened: Visit) -> None:
    shown = opened("usual/index.html")
    shown.get_by_label("only differences").focus()
    shown.keyboard.press("Space")
    assert visible(shown, ".matrix tbody tr") < len(all_clauses())
    for _ in range(3):
        shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.closest('.scroll') !== null")
    assert shown.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_sign_leads_to_what_was_seen_and_from_there_to_the_clause_and_back(opened: Visit) -> None:
    shown = opened("usual/index.html")
    shown.locator("a[href='runs/our-worker/rabbitmq-3.10-quorum.html#W03']").click()
    assert shown.locator("#W03").is_visible()
    shown.get_by_text("more about W03").click()
    assert shown.locator("h1").text_content() == "W03 ack-after-work"
    shown.get_by_text("All programs").click()
    assert shown.locator("table.matrix").count() == 1
