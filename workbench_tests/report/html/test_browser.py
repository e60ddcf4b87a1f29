"""The page in a real browser: it opens from disk, asks for nothing, and can be used by everybody.

The tests need Debian's `chromium`, or another one of its kind. Without one they are skipped, but in CI they fail.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec.report.html.page import page

from . import reports
from .test_page import worst

axe_api = pytest.importorskip("axe_playwright_python.sync_playwright")

WIDTHS = (360, 768, 1440)
THEMES = ("light", "dark")
Opened = Callable[..., Any]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The address of each page."""
    folder = tmp_path_factory.mktemp("pages")
    made = {"usual": reports.usual(), "hostile": reports.hostile(), "worst": worst()}
    for name, report in made.items():
        (folder / f"{name}.html").write_text(page(report, "https://example.org/project"), encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in made}


@pytest.fixture
def opened(browser: Any, files: dict[str, str]) -> Iterator[Opened]:
    """Opens a page, and fails in the end if it said something in the console or asked for anything but itself."""
    contexts: list[Any] = []
    said: list[str] = []
    asked: list[str] = []

    def open_(name: str, width: int = 1024, theme: str = "light", anchor: str = "", **more: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme, **more)
        contexts.append(context)
        shown = context.new_page()
        shown.on("console", lambda message: said.append(message.text))
        shown.on("pageerror", lambda error: said.append(str(error)))
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(f"{files[name]}{anchor}")
        return shown

    yield open_
    for context in contexts:
        context.close()
    assert said == []
    assert {each.partition("#")[0] for each in asked} <= set(files.values())


@pytest.mark.parametrize("name", ["usual", "hostile", "worst"])
def test_it_opens_from_disk_without_scripts(opened: Opened, name: str) -> None:
    assert opened(name, java_script_enabled=False).locator("h1").count() == 1


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["usual", "hostile"])
def test_nobody_is_shut_out(opened: Opened, name: str, theme: str) -> None:
    shown = opened(name, theme=theme)
    shown.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = axe_api.Axe().run(shown).response["violations"]
    assert not found, json.dumps(found, indent=1)[:4000]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["usual", "hostile"])
def test_nothing_is_wider_than_the_window(opened: Opened, name: str, width: int) -> None:
    shown = opened(name, width)
    shown.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    wide = shown.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(
            each => !each.closest('.picture') && each.getBoundingClientRect().right > innerWidth + 1
        ).map(each => each.outerHTML.slice(0, 100))"""
    )
    assert wide == []


def test_the_verdict_and_with_what_fit_on_the_first_screen(opened: Opened) -> None:
    for width in WIDTHS:
        assert opened("usual", width).locator("header").bounding_box()["height"] < 800


def test_an_anchor_opens_what_is_folded(opened: Opened) -> None:
    for anchor in ("#W06", "#P01", "#W12"):
        shown = opened("usual", anchor=anchor)
        assert shown.locator(anchor).is_visible()
        assert shown.locator(anchor).evaluate("each => each.getBoundingClientRect().top < innerHeight")
    assert not opened("usual").locator("#W06").is_visible()


def test_the_folds_work_by_keyboard(opened: Opened) -> None:
    shown = opened("usual")
    fold = shown.locator("details.explained").first
    assert fold.get_attribute("open") is None
    for _ in range(60):
        shown.keyboard.press("Tab")
        if shown.evaluate("document.activeElement.parentElement.classList.contains('explained')"):
            break
    shown.keyboard.press("Enter")
    assert fold.get_attribute("open") is not None


def test_what_is_wide_can_be_scrolled_by_keyboard(opened: Opened) -> None:
    shown = opened("usual", 360)
    shown.locator(".picture").first.focus()
    shown.evaluate(
        """() => { window.scrolled = new Promise(
            done => document.querySelector('.picture').addEventListener('scroll', done, {once: true})); }"""
    )
    shown.keyboard.press("ArrowRight")
    assert shown.evaluate("window.scrolled.then(() => document.querySelector('.picture').scrollLeft)") > 0


def test_the_colours_of_a_timeline_follow_the_theme(opened: Opened) -> None:
    colours = {
        theme: opened("usual", theme=theme)
        .locator("svg [fill='var(--work)']")
        .first.evaluate("each => getComputedStyle(each).fill")
        for theme in THEMES
    }
    assert colours["light"] != colours["dark"]
    assert "rgb" in colours["light"]


def test_in_print_everything_is_unfolded_and_on_white(opened: Opened, tmp_path: Path) -> None:
    shown = opened("usual", theme="dark")
    shown.emulate_media(media="print", color_scheme="dark")
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert shown.locator("#P01").evaluate("each => each.getBoundingClientRect().height") > 0
    shown.pdf(path=str(tmp_path / "page.pdf"))
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_no_text_of_a_timeline_is_wider_than_was_thought(opened: Opened) -> None:
    """The layout estimates how wide a text is. A browser knows."""
    shown = opened("usual", 1440)
    over = shown.evaluate(
        """() => [...document.querySelectorAll('.picture svg')].flatMap(svg => {
            const boxes = [...svg.querySelectorAll('text')].filter(each => each.textContent).map(each => [
                each.textContent, each.getBoundingClientRect()]);
            return boxes.flatMap(([one, a], place) => boxes.slice(place + 1).filter(([_, b]) =>
                a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4
            ).map(([other, _]) => `${one} / ${other}`));
        })"""
    )
    assert over == []
