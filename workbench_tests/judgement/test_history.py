"""The history: events, and waiting for them."""

import threading
import time

import pytest

from workqueue_spec.judgement.history import History
from workqueue_spec.judgement.verdicts import Broken
from workqueue_spec.wiretap import Say, WireEvent


def test_events_that_are_there_are_answered_at_once() -> None:
    history = History()
    history.add("worker 1", "started")
    assert history.wait(lambda events: events[-1].who, within=60) == "worker 1"


def test_an_event_ends_the_wait() -> None:
    history = History()
    threading.Timer(0.05, history.add, ("worker 1", "exited")).start()
    began = time.monotonic()
    assert history.wait(lambda events: [event for event in events if event.what == "exited"], within=60)
    assert time.monotonic() - began < 30


def test_after_the_deadline_the_last_answer_is_given() -> None:
    history = History()
    history.add("worker 1", "started")
    asked: list[int] = []
    assert history.wait(lambda events: asked.append(len(events)), within=0.05) is None
    assert asked == [1]


def test_each_event_is_asked_about_once() -> None:
    history = History()
    asked: list[int] = []

    def third(events: object) -> bool:
        asked.append(len(history.events))
        return len(history.events) >= 3

    def add_three() -> None:
        for _ in range(3):
            history.add("worker 1", "output")

    adding = threading.Thread(target=add_three)
    adding.start()
    assert history.wait(third, within=60)
    adding.join()
    assert len(asked) <= 4


def test_events_without_end_do_not_prolong_the_wait() -> None:
    history = History()
    began = time.monotonic()

    def slow_and_noisy(events: object) -> bool:
        history.add("worker 1", "output")
        return time.monotonic() - began > 30

    assert not history.wait(slow_and_noisy, within=0.05)
    assert time.monotonic() - began < 30


def test_a_flood_ends_every_wait_at_once() -> None:
    history = History()
    history.add_wire(
        "worker 1", WireEvent(time.monotonic(), 0, 0, None, Say.FLOODED, note="7 frames, 8 bytes")
    )

    with pytest.raises(Broken, match="worker 1 stays within bounds; seen: the program floods: 7 frames"):
        history.wait(lambda events: False, 60)

    assert history.wait(lambda events: True, 60)


def test_what_a_flood_leads_to_is_no_answer() -> None:
    history = History()
    history.add_wire(
        "worker 1", WireEvent(time.monotonic(), 0, 0, None, Say.FLOODED, note="7 frames, 8 bytes")
    )

    with pytest.raises(Broken, match="floods"):
        history.wait(lambda events: True, 60)
