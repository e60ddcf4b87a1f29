"""Waiting for a worker that has lost its connection."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from workqueue_spec.bench.parties.connected_program import ConnectedProgram
from workqueue_spec.judgement.history import History
from workqueue_spec.judgement.verdicts import Broken


def test_nobody_waits_again_for_time_that_has_passed() -> None:
    history, process, tap = History(), SimpleNamespace(who="worker 1"), SimpleNamespace()
    anything: Any = (process, tap)
    worker = ConnectedProgram(anything[0], anything[1], history, 0.1)
    history.add("worker 1", "started")
    began = time.monotonic()

    with pytest.raises(Broken, match="asks for tasks again, or ends; seen: it did neither within"):
        worker.comes_back(after=0.0, since=history.now - 1000)

    assert time.monotonic() - began < 5
