"""Waiting for a worker that has lost its connection."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from pamqp import commands

from workqueue_spec.bench.parties.connected_program import ConnectedProgram
from workqueue_spec.judgement.history import History
from workqueue_spec.judgement.verdicts import Broken

from ..judgement.wire import Script


def worker_of(history: History) -> ConnectedProgram:
    process: Any = SimpleNamespace(who="worker 1")
    tap: Any = SimpleNamespace()
    return ConnectedProgram(process, tap, history, 0.1)


def test_nobody_waits_again_for_time_that_has_passed() -> None:
    history = History()
    worker = worker_of(history)
    history.add("worker 1", "started")
    began = time.monotonic()

    with pytest.raises(Broken, match="asks for tasks again, or ends; seen: it did neither within"):
        worker.comes_back(after=0.0, since=history.now - 1000)

    assert time.monotonic() - began < 5


CONSUMED = commands.Basic.ConsumeOk("new")


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        (Script(now=10).deliver(2, redelivered=True).ack(2), True),
        (Script(now=10).broker(CONSUMED).deliver(2, redelivered=True).ack(2), False),
    ],
    ids=["goes on over the old subscription", "subscribes again"],
)
def test_a_subscription_is_kept(later: Script, kept: bool) -> None:
    history = History()
    for event in Script().deliver(1).broker(commands.Basic.Cancel("consumer")).ack(1).events + later.events:
        assert event.wire is not None
        history.add_wire(event.who, event.wire._replace(at=event.at + history._began))

    assert worker_of(history).keeps_its_subscription(after=2.0) is kept


def test_a_worker_that_ends_keeps_no_subscription() -> None:
    history = History()
    history.add("worker 1", "exited", "with status 1")

    assert not worker_of(history).keeps_its_subscription(after=0.0)
