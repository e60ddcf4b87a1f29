"""The transcript: texts from outside are cut to length, and hold nothing that a terminal would obey."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from workbench_tests.judgement.wire import Script
from workqueue_spec.judgement.history import Event
from workqueue_spec.judgement.verdicts import Moment
from workqueue_spec.report.events import HistoryData, as_data
from workqueue_spec.report.transcript import DECIDED, safe, transcript


def _history(events: Sequence[Event], decided_by: Moment | None = None) -> HistoryData:
    (history,) = as_data([("test", events)], decided_by=decided_by)
    return history


@given(st.text())
def test_what_is_shown_is_printable_and_bounded(text: str) -> None:
    shown = safe(text, 40)
    assert shown.isprintable()
    assert len(shown) <= 40


@given(st.binary(max_size=300))
def test_a_body_is_shown_on_one_line(body: bytes) -> None:
    (party, line) = list(transcript(_history(Script().deliver(1, body).events)))
    assert party == "worker 1"
    assert line.isprintable()
    assert len(line) < 250


def test_a_transcript() -> None:
    script = Script().deliver(7, b"a task..").ack(7)
    script.events.append(Event(2.5, "worker 1", "output", " [x] Done\x1b[2J"))
    assert list(transcript(_history(script.events))) == [
        "worker 1",
        "    +1.000 <- basic.deliver tag 7 'a task..'",
        "    +2.000 -> basic.ack tag 7",
        "    +2.500    output        [x] Done\\x1b[2J",
    ]


def test_a_long_transcript_loses_its_first_lines() -> None:
    script = Script()
    for tag in range(1, 101):
        script.deliver(tag)
    lines = list(transcript(_history(script.events)))
    assert "60 lines before these" in lines[1]
    assert "tag 100" in lines[-1]


def test_what_decided_is_marked_and_stays() -> None:
    script = Script()
    for tag in range(1, 101):
        script.deliver(tag)
    lines = list(transcript(_history(script.events, Moment("worker 1", 30.0, "Basic.Deliver", 30))))
    (marked,) = [line for line in lines if line.startswith("> ")]
    assert "tag 30" in marked
    assert marked.endswith(DECIDED)
    assert "lines before these" in lines[1]
    assert any("lines between" in line for line in lines)
    assert "tag 100" in lines[-1]
    assert len(lines) < 70


def test_a_traceback_is_shortened_to_its_last_line() -> None:
    lines = [
        "before",
        "Traceback (most recent call last):",
        '  File "x.py", line 1',
        "    do()",
        "OSError: no",
        "after",
    ]
    events = [Event(1.0, "worker 1", "output", line) for line in lines]
    events.insert(3, Event(1.0, "worker 2", "output", "  of another"))
    assert [line.split("output", 1)[-1].strip() for line in transcript(_history(events))] == [
        "worker 1",
        "before",
        "(Traceback, 3 lines) OSError: no",
        "after",
        "worker 2",
        "of another",
    ]
