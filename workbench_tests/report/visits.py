"""Visits of pages in a browser, and what is looked at on each."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

axe_api = pytest.importorskip("axe_playwright_python.sync_playwright")

WIDTHS = (360, 768, 1440)
THEMES = ("light", "dark")
Visit = Callable[..., Any]
"""Opens the page at an address, and returns it. `width` is in pixels, `theme` one of the THEMES."""


@contextmanager
def visits(browser: Any) -> Iterator[tuple[Visit, list[str]]]:
    """Visits with this browser, and the addresses that its pages ask for. Fails in the end if a page said something
    in the console.
    """
    contexts: list[Any] = []
    said: list[str] = []
    asked: list[str] = []

    def visit(address: str, width: int = 1024, theme: str = "light", **more: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme, **more)
        contexts.append(context)
        shown = context.new_page()
        shown.on("console", lambda message: said.append(message.text))
        shown.on("pageerror", lambda error: said.append(str(error)))
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(address)
        return shown

    yield visit, asked
    for context in contexts:
        context.close()
    assert said == []


def shuts_nobody_out(shown: Any) -> None:
    """Fails if axe-core finds something on the page, with all folds open."""
    _open_all_folds(shown)
    found = axe_api.Axe().run(shown).response["violations"]
    assert not found, json.dumps(found, indent=1)[:4000]


def fits_into(shown: Any, width: int, *, scrolling: str = ":not(*)") -> None:
    """Fails if something is wider than the window, except in what matches the selector `scrolling`."""
    _open_all_folds(shown)
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    wide = shown.evaluate(
        """scrolling => [...document.querySelectorAll('body *')].filter(
            each => !each.closest(scrolling) && each.getBoundingClientRect().right > innerWidth + 1
        ).map(each => each.outerHTML.slice(0, 100))""",
        scrolling,
    )
    assert wide == []


def _open_all_folds(shown: Any) -> None:
    shown.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
