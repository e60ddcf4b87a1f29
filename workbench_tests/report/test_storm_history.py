"""The history of a storm in a file: what is written is read again, and nothing else is taken for it."""

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pamqp import commands

from workqueue_spec.errors import SetupError
from workqueue_spec.judgement.event import Event
from workqueue_spec.judgement.ledger import ledger
from workqueue_spec.report.storm_history import Recording, read_events, read_head
from workqueue_spec.wiretap import Content, Frame, Side, WireEvent, marshal

HEAD = {"queues": ["task_queue"], "route": ["", "task_queue"], "prefetch": 1, "seed": 7}
PATH = Path("h.jsonl")


def wire(at: float, sender: Side, method: object, body: bytes | None = None, **headers: Any) -> Event:
    """An event of the wire, as a tap tells it."""
    frame = Frame(marshal(method, 1), 1)  # type: ignore[arg-type]
    content = None if body is None else Content(commands.Basic.Properties(headers=headers or None), body)
    return Event(at, "worker 1", frame.name, "", WireEvent(at, 1, 1, sender, frame.name, frame, content))


EVENTS = [
    Event(0.5, "suite", "task", "k00000001 0.500"),
    wire(1.0, Side.CLIENT, commands.Queue.Declare(queue="task_queue", arguments={"x-queue-type": "quorum"})),
    wire(1.1, Side.CLIENT, commands.Basic.Consume(queue="task_queue", consumer_tag="c")),
    wire(
        2.0,
        Side.BROKER,
        commands.Basic.Deliver("c", 1, True, "", "task_queue"),
        b'{"a": "k00000001"}',
        **{"x-death": []},
    ),
    wire(3.0, Side.CLIENT, commands.Basic.Ack(1)),
    Event(4.0, "worker 1", "Tap.Cut", "RST", WireEvent(4.0, 1, 0, None, "Tap.Cut", note="RST")),
]


def written(events: Sequence[Event] = EVENTS, *, ended: bool = True) -> str:
    file = io.StringIO()
    recording = Recording(file, HEAD)
    recording.begins([])
    for event in events:
        recording.writes(event)
    if ended:
        recording.ends()
    return file.getvalue()


def events_in(text: str) -> list[Event]:
    file = io.StringIO(text)
    read_head(file, PATH)
    return list(read_events(file, PATH))


def test_what_is_written_is_read() -> None:
    read = events_in(written())
    assert [(each.at, each.who, each.what, each.text) for each in read] == [
        (each.at, each.who, each.what, each.text) for each in EVENTS
    ]
    book, before = ledger(read), ledger(EVENTS)
    (delivery,), (original,) = book.deliveries, before.deliveries
    assert delivery.body == b"k00000001"
    assert (delivery.queue, delivery.tag, delivery.redelivered) == ("task_queue", 1, True)
    assert (delivery.settled_by, delivery.settled_at) == (original.settled_by, original.settled_at)
    assert delivery.properties.headers == {"x-death": []}
    assert book.declarations == before.declarations


def test_the_head_is_read() -> None:
    head = read_head(io.StringIO(written()), PATH)
    assert (head.queues, head.route, head.prefetch) == (("task_queue",), ("", "task_queue"), 1)
    assert (head.more["seed"], head.more["schedule"]) == (7, [])


@pytest.mark.parametrize(
    "text",
    ["", "{}\n", "[]\n", "no JSON\n", '{"format":"workqueue-spec storm","schema":2}\n', '{"schema": 1}\n'],
)
def test_something_else_is_no_history(text: str) -> None:
    with pytest.raises(SetupError, match=r"h\.jsonl is no history of a storm"):
        events_in(text)


def _without_last_line(text: str) -> str:
    return text[: text.rstrip().rindex("\n") + 1]


@pytest.mark.parametrize(
    "cut", [_without_last_line, lambda text: text[:-25], lambda text: text[: text.index("quorum")]]
)
def test_one_that_is_cut_off_is_not_judged(cut: Callable[[str], str]) -> None:
    with pytest.raises(SetupError, match="is cut off after"):
        events_in(cut(written()))


def test_one_with_a_line_that_is_missing_is_not_judged() -> None:
    lines = written().splitlines(keepends=True)
    with pytest.raises(SetupError, match="holds 5 of 6 events"):
        events_in("".join([*lines[:2], *lines[3:]]))


@pytest.mark.parametrize(
    "line",
    ["{}", "[]", "x", '{"at": "x"}', json.dumps({"at": 1, "party": "a", "name": "b", "connection": "x"})],
)
def test_a_line_that_is_no_event_is_named(line: str) -> None:
    lines = written().splitlines(keepends=True)
    with pytest.raises(SetupError, match=r"line 3 is no event"):
        events_in("".join([*lines[:2], line + "\n", *lines[2:]]))


def test_a_strangers_text_is_cut() -> None:
    long = Event(1.0, "worker 1", "output", "x" * 5000)
    assert len(written([long])) < 1000
