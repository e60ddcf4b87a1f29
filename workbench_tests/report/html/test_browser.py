"""The page in a real browser: it opens from disk, asks for nothing, and can be used by everybody.

The tests need Debian's `chromium`, or another one of its kind. Without one they are skipped, but in CI they fail.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workqueue_spec.report.html.page import page

from ..visits import THEMES, WIDTHS, Visit, fits_into, shuts_nobody_out, visits
from . import reports
from .test_page import worst


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The address of each page."""
    folder = tmp_path_factory.mktemp("pages")
    made = {"usual": reports.usual(), "hostile": reports.hostile(), "worst": worst()}
    for name, report in made.items():
        (folder / f"{name}.html").write_text(page(report, "https://example.org/project"), encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in made}


@pytest.fixture
def opened(browser: Any, files: dict[str, str]) -> Iterator[Visit]:
    """Opens a page, and fails in the end if it said something in the console or asked for anything but itself."""
    with visits(browser) as (visit, asked):
        yield lambda name, *how, anchor="", **more: visit(f"{files[name]}{anchor}", *how, **more)
    assert {each.partition("#")[0] for each in asked} <= set(files.values())


@pytest.mark.parametrize("name", ["usual", "hostile", "worst"])
def test_it_opens_from_disk_without_scripts(opened: Visit, name: str) -> None:
    assert opened(name, java_script_enabled=False).locator("h1").count() == 1


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["usual", "hostile"])
def test_nobody_is_shut_out(opened: Visit, name: str, theme: str) -> None:
    shuts_nobody_out(opened(name, theme=theme))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["usual", "hostile"])
def test_nothing_is_wider_than_the_window(opened: Visit, name: str, width: int) -> None:
    fits_into(opened(name, width), width)


def test_the_verdict_and_with_what_fit_on_the_first_screen(opened: Visit) -> None:
    for width in WIDTHS:
        assert opened("usual", width).locator("header").bounding_box()["height"] < 800


def test_an_anchor_opens_what_is_folded(opened: Visit) -> None:
    for anchor in ("#W06", "#P01", "#W12"):
        shown = opened("usual", anchor=anchor)
        assert shown.locator(anchor).is_visible()
        assert shown.locator(anchor).evaluate("each => each.getBoundingClientRect().top < innerHeight")
    assert not opened("usual").locator("#W06").is_visible()


def test_the_folds_work_by_keyboard(opened: Visit) -> None:
    shown = opened("usual")
    fold = shown.locator("details.explained").first
    assert fold.get_attribute("open") is None
    for _ in range(60):
        shown.keyboard.press("Tab")
        if shown.evaluate("document.activeElement.parentElement.classList.contains('explained')"):
            break
    shown.keyboard.press("Enter")
    assert fold.get_attribute("open") is not None


@pytest.mark.parametrize(
    ("width", "shown"), [(360, "narrow"), (390, "narrow"), (768, "wide"), (1440, "wide")]
)
def test_what_decided_is_in_sight_without_scrolling(opened: Visit, width: int, shown: str) -> None:
    picture = opened("usual", width).locator(".picture").first
    (svg,) = [each for each in picture.locator("svg").all() if each.is_visible()]
    assert svg.get_attribute("class") == shown
    said = svg.get_by_text("acknowledged before the work").bounding_box()
    line = svg.locator("[stroke='var(--bad)']").first.bounding_box()
    assert said["height"] > 10, "it can be read"
    assert said["x"] >= 0
    assert said["x"] + said["width"] <= width
    assert 0 <= line["x"] <= width


def test_the_colours_of_a_timeline_follow_the_theme(opened: Visit) -> None:
    colours = {
        theme: opened("usual", theme=theme)
        .locator("svg [fill='var(--work)']")
        .first.evaluate("each => getComputedStyle(each).fill")
        for theme in THEMES
    }
    assert colours["light"] != colours["dark"]
    assert "rgb" in colours["light"]


def test_in_print_everything_is_unfolded_and_on_white(opened: Visit, tmp_path: Path) -> None:
    shown = opened("usual", theme="dark")
    shown.emulate_media(media="print", color_scheme="dark")
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert shown.locator("#P01").evaluate("each => each.getBoundingClientRect().height") > 0
    shown.pdf(path=str(tmp_path / "page.pdf"))
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("width", [390, 1440])
def test_no_text_of_a_timeline_is_wider_than_was_thought(opened: Visit, width: int) -> None:
    """The layout estimates how wide a text is. A browser knows."""
    shown = opened("usual", width)
    over = shown.evaluate(
        """() => [...document.querySelectorAll('.picture svg')].flatMap(svg => {
            const texts = [...svg.querySelectorAll('text')].filter(
                each => each.checkVisibility() && each.textContent);
            const boxes = texts.map(each => [each.textContent, each.getBoundingClientRect()]);
            return boxes.flatMap(([one, a], place) => boxes.slice(place + 1).filter(([_, b]) =>
                a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4
            ).map(([other, _]) => `${one} / ${other}`));
        })"""
    )
    assert over == []
