"""A short heartbeat, on connections whose timers a test lets go off."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from pamqp import base, commands

from workqueue_spec.bench.heartbeats import ShortHeartbeat
from workqueue_spec.wiretap import Frame, Rule, Side, marshal
from workqueue_spec.wiretap.rules import concerns, wants

from ..wiretap.amqp_bytes import HEARTBEAT

TUNE_OK = commands.Connection.TuneOk(2047, 131072, 1)
CONSUME = commands.Basic.Consume(queue="task_queue")
ACK = commands.Basic.Ack(1)


class Timers:
    """A tap and the timers of its loop."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rules: list[Rule] = []
        self._due: list[Callable[[], None]] = []
        monkeypatch.setattr(asyncio, "get_running_loop", lambda: self)

    def call_later(self, _seconds: float, action: Callable[..., None], *arguments: object) -> None:
        self._due.append(lambda: action(*arguments))

    def rewrite(self, rule: Rule) -> None:
        self.rules.append(rule)

    def go_off(self) -> None:
        due, self._due = self._due, []
        for each in due:
            each()


class Connected:
    """A connection of a worker, and what the broker gets of the tap's own."""

    def __init__(self, timers: Timers, number: int) -> None:
        self.number = number
        self.passes = True
        self.sent: list[bytes] = []
        self._rules = timers.rules

    def send(self, to: Side, raw: bytes) -> None:
        assert to is Side.BROKER
        self.sent.append(raw)

    def shows(self, method: base.Frame) -> None:
        """The client sends a method."""
        assert self._shown(Side.CLIENT, Frame(marshal(method, 1), 1))

    def hears_a_heartbeat(self) -> bool:
        """The broker sends a heartbeat. Returns whether it reaches the client."""
        return self._shown(Side.BROKER, Frame(HEARTBEAT, 0))

    def _shown(self, sender: Side, frame: Frame) -> bool:
        """Whether the rules let the frame pass."""
        myself: Any = self
        concerned = [each for each in self._rules if concerns(each, sender) and wants(each, frame.name)]
        return all(rule(myself, sender, frame) is None for rule in concerned)


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    made = Timers(monkeypatch)
    ShortHeartbeat(1)(cast(Any, made))
    return made


def test_a_worker_that_starts_slowly_is_helped(timers: Timers) -> None:
    slow = Connected(timers, 1)
    slow.shows(TUNE_OK)
    timers.go_off()
    slow.shows(CONSUME)
    timers.go_off()

    assert slow.sent == [HEARTBEAT] * 2


def test_a_worker_that_has_done_a_task_is_not_helped(timers: Timers) -> None:
    worker = Connected(timers, 1)
    for method in (TUNE_OK, CONSUME, ACK):
        worker.shows(method)
    timers.go_off()
    timers.go_off()

    assert worker.sent == []


def test_a_process_that_asks_later_than_another_is_helped_until_then(timers: Timers) -> None:
    one, other = Connected(timers, 1), Connected(timers, 2)
    for method in (TUNE_OK, CONSUME, ACK):
        one.shows(method)
    other.shows(TUNE_OK)
    timers.go_off()
    other.shows(CONSUME)
    timers.go_off()

    assert (one.sent, other.sent) == ([], [HEARTBEAT])


def test_a_connection_that_is_over_is_not_helped(timers: Timers) -> None:
    lost = Connected(timers, 1)
    lost.shows(TUNE_OK)
    lost.passes = False
    timers.go_off()

    assert lost.sent == []


def test_the_broker_is_heard_less_often_at_first(timers: Timers) -> None:
    worker = Connected(timers, 1)
    worker.shows(TUNE_OK)
    at_first = [worker.hears_a_heartbeat() for _ in range(10)]
    worker.shows(CONSUME)
    worker.shows(ACK)
    later = [worker.hears_a_heartbeat() for _ in range(2)]

    assert at_first == [True] * 4 + [False, True, False, False, True, False]
    assert later == [True] * 2
