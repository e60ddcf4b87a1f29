"""What a long test shows while it runs: much on a terminal, little in a log."""

import contextlib
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest

from workqueue_spec.plugin.progress import shown_on_the_terminal


@pytest.mark.parametrize(("terminal", "shown"), [(True, ["5", "10", "65"]), (False, ["60"])])
def test_how_often_a_line_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], terminal: bool, shown: list[str]
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    capturing = SimpleNamespace(global_and_fixture_disabled=contextlib.nullcontext)
    config: Any = SimpleNamespace(pluginmanager=SimpleNamespace(getplugin=lambda _: capturing))
    show = shown_on_the_terminal("S02", config)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    for at in (1, 5, 7, 10, *([] if terminal else [60]), 65):
        now = 1000.0 + at
        show(str(at))
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"workqueue-spec: S02: {each}" for each in shown]
