"""The signs of a picture that are explained: those that are on it."""

from typing import Any

import pytest

from workqueue_spec.report.html.legend import legend
from workqueue_spec.report.html.templates import style
from workqueue_spec.report.html.timeline import timeline

from . import histories
from .histories import Script, task


@pytest.mark.parametrize(
    ("make", "signs"),
    [
        (histories.round_robin, {"work", "edge", "dot", "queue"}),
        (histories.crash, {"work", "again", "cross", "dot", "queue"}),
        (histories.early, {"work", "cross", "dot", "decided"}),
        (histories.silence, {"work", "again", "cross", "dot", "decided", "queue", "silence"}),
        (histories.restart, {"work", "again", "edge", "cross", "dot", "queue", "outage"}),
        (histories.hot_loop, {"reject", "thin", "dot", "decided", "queue"}),
        (histories.refused, set()),
    ],
)
def test_the_signs_of_a_picture_are_explained_and_no_others(make: Any, signs: set[str]) -> None:
    found = [sign.name for sign in legend(timeline(make()))]
    assert set(found) == signs | {"connected"}
    assert len(found) == len(set(found))


def test_a_task_that_needs_no_acknowledgement() -> None:
    script = Script()
    script.wire(0.9, "worker 1", "Basic.Consume", "client", queue="task_queue", no_ack=True)
    script.delivers(1.0, "worker 1", task(1))
    assert "no-ack" in {sign.name for sign in legend(timeline(script.history()))}


def test_what_a_rejected_task_becomes_is_told() -> None:
    (requeued,) = [sign for sign in legend(timeline(histories.hot_loop())) if sign.name == "reject"]
    assert requeued.means.endswith("gives it back to the queue")
    script = Script()
    tag = script.delivers(1.0, "worker 1", task(1))
    script.wire(1.1, "worker 1", "Basic.Reject", "client", delivery_tag=tag, requeue=False)
    (rejected,) = [sign for sign in legend(timeline(script.history())) if sign.name == "reject"]
    assert rejected.means.endswith("for good")


def test_the_style_sheet_draws_each_sign() -> None:
    names = {sign.name for make in histories.EVERY for sign in legend(timeline(make()))} | {"no-ack"}
    assert [name for name in names if f".{name}::before" not in style()] == []
