"""What is told while a step takes long."""

import time

import pytest

from workqueue_spec.broker import progress
from workqueue_spec.broker.progress import going_on


def test_a_long_step_is_told_from_time_to_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.05)

    with going_on("pulling a:b"):
        time.sleep(0.3)
    told = capsys.readouterr().err
    time.sleep(0.2)

    assert told.count("still pulling a:b (0 s)") >= 2
    assert capsys.readouterr().err == ""
