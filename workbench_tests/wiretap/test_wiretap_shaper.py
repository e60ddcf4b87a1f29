"""Shaping as a play: segments come in at their times, and each goes on at its own time. No clock takes part."""

import asyncio
from collections.abc import Callable
from typing import cast

import pytest

from workqueue_spec.wiretap.shaper import LONGEST_BACKLOG, MOST_WAITING, Shaper


class Timer:
    def __init__(self, at: float, action: Callable[[], None]) -> None:
        self.at = at
        self.action = action
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """A loop whose time goes on only if a test says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_at(self, at: float, action: Callable[[], None]) -> Timer:
        self.timers.append(Timer(at, action))
        return self.timers[-1]

    def run_until(self, end: float) -> None:
        """Calls the timers that are due, in order."""
        while due := [each for each in self.timers if not each.cancelled and each.at <= end]:
            first = min(due, key=lambda each: each.at)
            self.timers.remove(first)
            self.now = max(self.now, first.at)
            first.action()
        self.now = end


class Play:
    """A shaper that began at time 0."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.out: list[tuple[float, bytes]] = []
        self.throttled = False
        loop = cast("asyncio.AbstractEventLoop", self.clock)
        self.shaper = Shaper(loop, lambda _, data: self.out.append((self.time, data)), self._throttle)

    @property
    def time(self) -> float:
        return round(self.clock.now - 100.0, 6)

    def at(self, seconds: float, data: bytes = b"") -> None:
        """The time goes on to this moment, then the segment arrives."""
        self.clock.run_until(100.0 + seconds)
        if data:
            self.shaper.segment(self.clock.now, data)

    def _throttle(self, on: bool) -> None:
        self.throttled = on


@pytest.fixture
def play() -> Play:
    return Play()


def test_without_a_fault_a_segment_goes_on_at_once(play: Play) -> None:
    play.at(1, b"one")
    assert play.out == [(1, b"one")]
    assert play.clock.timers == []


def test_more_delay_is_added_to_each_segment_by_itself(play: Play) -> None:
    more = iter([0.5, 0.25])
    play.shaper.delay = 1.0
    play.shaper.more_delay = lambda: next(more)
    play.at(0, b"one")
    play.at(2, b"two")
    play.at(10)
    assert play.out == [(1.5, b"one"), (3.25, b"two")]


def test_a_segment_with_a_shorter_delay_waits_for_the_one_before_it(play: Play) -> None:
    more = iter([0.5, 0.0])
    play.shaper.more_delay = lambda: next(more)
    play.at(0, b"one")
    play.at(0.1, b"two")
    play.at(10)
    assert play.out == [(0.5, b"one"), (0.5, b"two")]


def test_an_end_keeps_its_place_behind_a_random_delay(play: Play) -> None:
    more = iter([0.5, 0.0])
    play.shaper.more_delay = lambda: next(more)
    play.at(0, b"one")
    play.shaper.then(lambda: play.out.append((play.time, b"end")))
    play.at(10)
    assert play.out == [(0.5, b"one"), (0.5, b"end")]


def test_the_bandwidth_spreads_a_segment_over_its_time(play: Play) -> None:
    play.shaper.bandwidth = 100
    play.at(0, bytes(35))
    play.at(10)
    assert [(at, len(data)) for at, data in play.out] == [(0.1, 10), (0.2, 10), (0.3, 10), (0.35, 5)]


def test_a_bandwidth_of_less_than_a_byte_in_a_piece_sends_single_bytes(play: Play) -> None:
    play.shaper.bandwidth = 0.5
    play.at(0, b"ab")
    play.at(10)
    assert play.out == [(2, b"a"), (4, b"b")]


def test_a_link_that_was_idle_saves_no_bandwidth(play: Play) -> None:
    play.shaper.bandwidth = 100
    play.at(0, bytes(10))
    play.at(5, bytes(10))
    play.at(10)
    assert [at for at, _ in play.out] == [0.1, 5.1]


def test_delay_and_bandwidth_add_up(play: Play) -> None:
    play.shaper.bandwidth, play.shaper.delay = 100, 3.0
    play.at(0, bytes(20))
    play.at(10)
    assert [at for at, _ in play.out] == [3.1, 3.2]


def test_a_size_and_a_bandwidth_are_both_kept(play: Play) -> None:
    play.shaper.bandwidth, play.shaper.size = 100, 4
    play.at(0, bytes(10))
    play.at(10)
    assert [(at, len(data)) for at, data in play.out] == [(0.04, 4), (0.08, 4), (0.1, 2)]


def test_a_sender_that_is_faster_than_the_bandwidth_is_not_read_from(play: Play) -> None:
    play.shaper.bandwidth = 100
    play.at(0, bytes(100))
    assert not play.throttled, f"{LONGEST_BACKLOG} s may wait"
    play.at(0, bytes(100))
    assert play.throttled
    play.at(0.9)
    assert play.throttled
    play.at(1.1)
    assert not play.throttled


def test_a_long_delay_leaves_no_bandwidth_unused(play: Play) -> None:
    play.shaper.bandwidth, play.shaper.delay = 100, 30.0
    play.at(0, bytes(200))
    assert play.throttled
    play.at(1.1)
    assert play.out == []
    assert not play.throttled


def test_what_is_delayed_fills_no_memory(play: Play) -> None:
    play.shaper.delay = 1.0
    play.at(0, bytes(MOST_WAITING + 1))
    assert play.throttled
    play.at(1)
    assert not play.throttled


def test_clear_loses_what_waits_and_reads_on(play: Play) -> None:
    play.shaper.bandwidth = 100
    play.at(0, bytes(500))
    play.shaper.clear()
    assert not play.throttled
    play.at(20, b"x")
    play.at(21)
    assert play.out == [(20.01, b"x")]
