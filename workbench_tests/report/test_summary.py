"""The screen at the end of a run: the root of a failure first, and the verdict last."""

from dataclasses import replace
from typing import Any

import pytest
from pamqp import commands

from workbench_tests.judgement.wire import Script
from workqueue_spec.judgement.verdicts import Kind, Moment
from workqueue_spec.report.events import as_data
from workqueue_spec.report.json_report import clauses_data
from workqueue_spec.report.summary import WIDTH, summary
from workqueue_spec.specification.chapters import clause_by_id
from workqueue_spec.specification.outcomes import Conclusion, Conformance, Outcome, Result

CONCLUSION = Conclusion(Conformance.NONCONFORMANT, "W03 and W06 do not hold")


class Terminal:
    """The part of pytest's reporter that is used."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def section(self, title: str, **_: str) -> None:
        self.lines.append(f"== {title}")

    def write_line(self, line: str, **_: bool) -> None:
        self.lines += line.split("\n")


REMEDY: dict[str, Any] = {
    "why": "A crash loses the task.",
    "how": "Acknowledge after the work.",
    "reference": [{"name": "Worker.settle", "path": "reference/worker.py", "line": 7}],
    "settings": [
        {
            "subject": "The ack",
            "library": library,
            "do": f"{library}.ack()",
            "link": f"https://{library}.example",
        }
        for library in ("pika", "amqplib")
    ],
}


def of(id_: str, outcome: Outcome = Outcome.FAILED, **details: Any) -> Result:
    made = Result.of(clause_by_id(id_), outcome, 0.1, **details)
    return replace(made, remedy=REMEDY) if outcome is Outcome.FAILED else made


def of_amqplib(remedy: dict[str, Any] = REMEDY) -> Result:
    """A failure of a worker on amqplib."""
    start_ok = commands.Connection.StartOk({"product": "amqplib"}, "PLAIN", "", "en_US")
    events = Script().client(start_ok, channel=0).events
    return replace(of("W12", histories=as_data([("test", events)])), remedy=remedy)


def early(id_: str, *beside: str) -> Result:
    script = Script().deliver(1, b"k1 ..").ack(1, after=0.004)
    return of(
        id_,
        reason="expected the acknowledgement later; seen: 0.004 s",
        expected="the acknowledgement later",
        seen="0.004 s",
        kind=str(Kind.EARLY),
        beside=beside,
        histories=as_data([("test", script.events)], "test", Moment("worker 1", script.now, "Basic.Ack", 1)),
    )


def shown(*results: Result, edition: str = "", verbose: bool = False) -> list[str]:
    terminal: Any = Terminal()
    clauses = clauses_data(results, lambda id_: f"./spec check -k {id_}")
    summary(terminal, clauses, CONCLUSION, "node worker.js on RabbitMQ", edition, verbose=verbose)
    lines: list[str] = terminal.lines
    return lines


def test_the_root_comes_first_and_in_full() -> None:
    lines = shown(of("W02", Outcome.PASSED), early("W06", "W03"), early("W03"))
    assert lines == [
        "== W03 in full",
        "W03 ack-after-work                         core       MUST   worker   FAILED",
        "  A worker acknowledges a task after the work, not before and not half-way.",
        "",
        "  expected  the acknowledgement later",
        "  seen      0.004 s",
        "  cause     acknowledged before the work: 4 ms after the delivery",
        "",
        "  worker 1",
        "      +1.000 <- basic.deliver tag 1 'k1 ..'",
        "  >   +1.004 -> basic.ack tag 1   <- this decided it",
        "",
        "  why it matters   A crash loses the task.",
        "  how to mend it   Acknowledge after the work.",
        "  reference        reference/worker.py:7",
        "",
        "  again: ./spec check -k W03",
        "== clauses",
        "W03 ack-after-work                         core       MUST   worker   FAILED",
        "  A worker acknowledges a task after the work, not before and not half-way.",
        "  expected  the acknowledgement later",
        "  seen      0.004 s",
        "  cause     acknowledged before the work: 4 ms after the delivery",
        "  explains  W06",
        "  why       A crash loses the task.",
        "  mend      Acknowledge after the work.",
        "  reference reference/worker.py:7",
        "W06 killed-worker-loses-nothing            core       MUST   worker   FAILED",
        "  follows from W03. Expected: the acknowledgement later. Seen: 0.004 s.",
        "",
        "node worker.js on RabbitMQ",
        "1 passed, 2 failed: nonconformant (W03 and W06 do not hold)",
    ]


def test_what_follows_from_a_root_has_two_lines_at_most() -> None:
    long = replace(early("W06", "W03"), expected="a long story " * 20, seen="another one " * 20)
    lines = shown(long, early("W03"))
    begin = next(
        number for number, line in enumerate(lines) if line.startswith("  follows from W03. Expected")
    )
    assert lines[begin + 1].endswith(" ...")
    assert lines[begin + 2] == ""


def test_a_failure_of_which_only_the_reason_is_known_is_told_by_it() -> None:
    only_reason = replace(early("W06", "W03"), expected="", seen="", reason="the worker hung")
    assert "  follows from W03. The worker hung." in shown(only_reason, early("W03"))


def test_the_call_of_the_library_that_was_seen_is_shown() -> None:
    lines = shown(of_amqplib())
    call = "amqplib: amqplib.ack() · https://amqplib.example"
    assert f"                   {call}" in lines
    assert f"            {call}" in lines
    assert not any("pika" in line for line in lines)


def test_a_link_is_never_broken() -> None:
    link = f"https://wiki.example/{'long/' * 20}"
    setting = {**REMEDY["settings"][1], "link": link}
    lines = shown(of_amqplib({**REMEDY, "settings": [setting]}))
    assert [line.strip() for line in lines if "/long/" in line] == [link, link]


def test_each_other_root_has_one_line() -> None:
    lines = shown(early("W03"), of("W12"), of("W19", Outcome.NOT_JUDGED, reason="x"))
    assert [line for line in lines[lines.index("== clauses") :] if line.startswith(("  why", "  mend"))] == [
        "  why       A crash loses the task.",
        "  mend      Acknowledge after the work.",
        "  mend      Acknowledge after the work.",
    ]


def test_a_clause_without_a_remedy_has_none_of_these_lines() -> None:
    lines = shown(replace(early("W03"), remedy=None), replace(of("W12"), remedy=None))
    assert not any(line.startswith(("  why", "  how", "  mend", "  reference")) for line in lines)


def test_everything_is_shown_if_asked_for() -> None:
    lines = shown(of("W02", Outcome.PASSED), early("W06", "W03"), early("W03"), verbose=True)
    assert [line for line in lines if line.startswith("==")] == [
        "== W03 in full",
        "== W06 in full",
        "== clauses",
    ]
    assert "W02 one-task-at-a-time                     core       MUST   worker   PASSED" in lines


def test_what_was_not_judged_is_shown_by_its_reason() -> None:
    lines = shown(
        of("B31", Outcome.NOT_JUDGED, reason="a broker given by URL is not restarted"),
        of("B32", Outcome.NOT_JUDGED, reason="a broker given by URL is not restarted"),
        of("W10", Outcome.NOT_JUDGED, reason="no word makes a task fail"),
    )
    assert lines[:-1] == [
        "== clauses",
        "B31, B32 not judged: a broker given by URL is not restarted",
        "W10 not judged: no word makes a task fail",
        "",
        "node worker.js on RabbitMQ",
    ]


def test_known_failures() -> None:
    lines = shown(of("W12", known="blocks"), of("W13", Outcome.PASSED, known="it ended"), early("W03"))
    assert lines[0] == "== W03 in full"
    assert "    known: blocks" in lines
    assert "    it holds, so remove it from the known failures: it ended" in lines
    heads = [line[:3] for line in lines[lines.index("== clauses") :] if line.endswith(("FAILED", "PASSED"))]
    assert heads == ["W03", "W12", "W13"]


@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wide_or_obeyed_by_a_terminal(verbose: bool) -> None:
    text = "\x1b[31m evil \u202e " * 100
    results = [
        replace(early("W03"), expected=text, seen=text, reason=text, seen_in=text),
        replace(early("W06", "W03"), seen=text),
        replace(of("W12", known=text, reason=text), remedy={**REMEDY, "why": text, "how": text}),
        of("W13", Outcome.NOT_JUDGED, reason=text),
    ]
    lines = shown(*results, verbose=verbose)
    assert max(map(len, lines[lines.index("== clauses") :])) <= WIDTH
    assert all(line.isprintable() for line in lines)
