"""Progress of a test that takes long, on the terminal: pytest shows nothing of a test before its end."""

import sys
import time
from collections.abc import Callable

import pytest

from ..broker.progress import EVERY, say

_RARELY = 60.0
"""Seconds between two lines if nobody looks at a terminal, as in a log of CI."""


def shown_on_the_terminal(what: str, config: pytest.Config) -> Callable[[str], None]:
    """A function that shows a line about `what`, unless it has shown one a moment ago."""
    capturing = config.pluginmanager.getplugin("capturemanager")
    shown_at = time.monotonic()

    def show(line: str) -> None:
        nonlocal shown_at
        if time.monotonic() < shown_at + EVERY:
            return
        with capturing.global_and_fixture_disabled():
            if time.monotonic() < shown_at + (EVERY if sys.stderr.isatty() else _RARELY):
                return
            say(f"{what}: {line}")
        shown_at = time.monotonic()

    return show
