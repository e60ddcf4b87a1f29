"""The transcript: texts from outside are cut to length, and hold nothing that a terminal would obey."""

from hypothesis import given
from hypothesis import strategies as st

from workbench_tests.judgement.wire import Script
from workqueue_spec.judgement.history import Event
from workqueue_spec.report.transcript import safe, transcript


@given(st.text())
def test_what_is_shown_is_printable_and_bounded(text: str) -> None:
    shown = safe(text, 40)
    assert shown.isprintable()
    assert len(shown) <= 40


@given(st.binary(max_size=300))
def test_a_body_is_shown_on_one_line(body: bytes) -> None:
    (party, line) = list(transcript(Script().deliver(1, body).events))
    assert party == "worker 1"
    assert line.isprintable()
    assert len(line) < 250


def test_a_transcript() -> None:
    script = Script().deliver(7, b"a task..").ack(7)
    script.events.append(Event(2.5, "worker 1", "output", " [x] Done\x1b[2J"))
    assert list(transcript(script.events)) == [
        "worker 1",
        "    +1.000 <- basic.deliver tag 7 'a task..'",
        "    +2.000 -> basic.ack tag 7",
        "    +2.500    output        [x] Done\\x1b[2J",
    ]


def test_a_long_transcript_loses_its_first_lines() -> None:
    script = Script()
    for tag in range(1, 101):
        script.deliver(tag)
    lines = list(transcript(script.events))
    assert "60 lines before these" in lines[1]
    assert "tag 100" in lines[-1]
