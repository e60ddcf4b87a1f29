"""A history as what a picture shows: lanes with bars, marks and spans. Pure functions of a history's events.

A *bar* is a delivery until it is settled or taken back. A *mark* is a moment, and a *span* is a time in which
something was so: a connection, an outage, a silence. A *lane* is one party. All times are seconds since the test
began, as in the transcript.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Any

from ...judgement.storm import FAULT, OVER
from ..events import EventData, HistoryData
from ..likely import DELIVERIES, SETTLEMENTS
from ..transcript import safe

_TOKEN = re.compile("k[0-9a-f]{8}")
_TEXT = 60
"""The most characters of a task's text."""
_REASON = 48
"""The most characters of a reason that the broker gave."""
_STOPPING = 320
"""The reply code of a broker that stops."""
OF_THE_PROGRAM = "*"
"""The queue of the program under test, of which the suite's own publications do not tell the name."""


class Ending(StrEnum):
    """How a delivery ended."""

    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    REQUEUED = "requeued"
    TAKEN_BACK = "taken back"
    """Its connection or channel ended, or its process was killed."""
    NO_ACK = "delivered in no-ack mode"
    HELD = "held to the end"


class Weight(IntEnum):
    """How much a label matters: the lightest are left out first."""

    DETAIL = 0
    USUAL = 1
    GREAT = 2


@dataclass(frozen=True)
class Bar:
    """A delivery until its end."""

    party: str
    task: str
    """What the message is known by: the token of its task, or its whole text."""
    text: str
    """The beginning of the task's text."""
    number: int
    """The number of the delivery's event."""
    start: float
    end: float | None = None
    """None if it was held to the end of the history."""
    ending: Ending = Ending.HELD
    redelivered: bool = False
    settled_by: int | None = None
    """The number of the event that settled it."""
    queue: str = ""
    """The queue from which it came, if it was published through the default exchange."""


@dataclass(frozen=True)
class Mark:
    """A moment of a party."""

    party: str
    at: float
    text: str
    number: int
    weight: Weight = Weight.USUAL
    task: str = ""
    """The message that was published, for a publication."""
    queue: str = ""
    """The queue for which it was published through the default exchange; or OF_THE_PROGRAM."""


@dataclass(frozen=True)
class Span:
    """A time in which something was so, on the lane of a party."""

    party: str
    start: float
    end: float
    text: str = ""


@dataclass(frozen=True)
class Timeline:
    """What a picture shows of one history."""

    lanes: tuple[str, ...]
    """The parties, from top to bottom: who publishes, who consumes, the broker."""
    tasks: Mapping[str, int]
    """The number of each message, in the order in which the messages were first seen, from 1."""
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    connections: tuple[Span, ...]
    silences: tuple[Span, ...]
    """Times of more than a heartbeat in which a client sent nothing, before its connection was lost."""
    outages: tuple[Span, ...]
    """Times in which the broker could not be reached."""
    left_out: tuple[Span, ...]
    """Times whose events are not in the report, with their number as text."""
    start: float
    end: float
    decided: Mark | None
    """The event that decided the clause."""
    judged_at: float | None
    """When the clause was judged; None if that is not known."""

    @property
    def decided_at(self) -> float | None:
        """When it was decided: by an event, or else by what had not happened when the clause was judged."""
        return self.judged_at if self.decided is None else self.decided.at

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.bars and not self.marks


def timeline(history: HistoryData) -> Timeline:
    """What a picture shows of the history."""
    events: Sequence[EventData] = history["events"]
    bars = tuple(_bars(events))
    marks = tuple(_in_time(_marks(events), bars))
    judged_at = history.get("judged_at")
    last = max([each["at"] for each in events] + [judged_at or 0.0])
    connections = tuple(_connections(events, last))
    silences = tuple(_silences(events))
    outages = tuple(_outages(events, last))
    decided = next((_decided(each) for each in events if each["number"] == history["decided_by"]), None)
    start = _start(bars, marks, decided, events)
    return Timeline(
        lanes=tuple(_lanes(bars, marks, silences, outages, decided)),
        tasks=_tasks(bars, marks),
        bars=bars,
        marks=tuple(each for each in marks if each.at >= start),
        connections=tuple(
            replace(each, start=max(each.start, start)) for each in connections if each.end > start
        ),
        silences=silences,
        outages=outages,
        left_out=tuple(_left_out(events)),
        start=start,
        end=max(last, start + 0.001),
        decided=decided,
        judged_at=judged_at,
    )


# Deliveries


def _bars(events: Sequence[EventData]) -> Iterator[Bar]:
    """The deliveries in the order of their beginning."""
    bars: dict[int, Bar] = {}
    held: dict[tuple[Any, ...], dict[int, int]] = {}
    """The deliveries that a channel holds: their tags, each with its place in `bars`."""
    without_ack: set[tuple[Any, ...]] = set()
    for event in events:
        name, channel = event["name"], _channel(event)
        if name in ("Basic.Consume", "Basic.Get") and _field(event, "no_ack"):
            without_ack.add(channel)
        elif name in DELIVERIES and event.get("sender") == "broker":
            place, task, text = len(bars), *_task(event.get("body", ""))
            bars[place] = Bar(
                event["party"],
                task,
                text,
                event["number"],
                event["at"],
                redelivered=bool(_field(event, "redelivered")),
                queue=_queue(event),
            )
            if channel in without_ack:
                bars[place] = replace(bars[place], end=event["at"], ending=Ending.NO_ACK)
            else:
                held.setdefault(channel, {})[_field(event, "delivery_tag") or 0] = place
        elif name in SETTLEMENTS and event.get("sender") == "client":
            for place in _settled(held.get(channel, {}), event):
                bars[place] = replace(
                    bars[place], end=event["at"], ending=_ending(event), settled_by=event["number"]
                )
        else:
            for key in [key for key in held if _ends(event, key)]:
                for place in held.pop(key).values():
                    bars[place] = replace(bars[place], end=event["at"], ending=Ending.TAKEN_BACK)
    yield from bars.values()


def _settled(of_channel: dict[int, int], event: EventData) -> list[int]:
    """Removes what the event settles, and returns the places."""
    tag = _field(event, "delivery_tag") or 0
    if not _field(event, "multiple"):
        return [of_channel.pop(tag)] if tag in of_channel else []
    return [of_channel.pop(each) for each in list(of_channel) if tag == 0 or each <= tag]


def _ending(event: EventData) -> Ending:
    if event["name"] == "Basic.Ack":
        return Ending.ACKNOWLEDGED
    return Ending.REQUEUED if _field(event, "requeue") else Ending.REJECTED


def _ends(event: EventData, channel: tuple[Any, ...]) -> bool:
    """Whether the event ends the channel."""
    name = event["name"]
    if name in ("Tap.Disconnected", "Tap.Cut", "Connection.Close"):
        return _channel(event)[:2] == channel[:2]
    if name == "Channel.Close":
        return _channel(event) == channel
    killed = name == "signal" and event.get("text") == "SIGKILL"
    return bool(killed or name == "exited") and bool(event["party"] == channel[0])


# Moments


def _in_time(marks: Iterable[Mark], bars: Iterable[Bar]) -> Iterator[Mark]:
    """The marks; what the suite sent is not later than its delivery, though the suite notes it later."""
    delivered: dict[str, float] = {}
    for bar in bars:
        delivered.setdefault(bar.task, bar.start)
    for mark in marks:
        yield replace(mark, at=min(mark.at, delivered.get(mark.task, mark.at))) if mark.task else mark


def _marks(events: Sequence[EventData]) -> Iterator[Mark]:
    closing: set[tuple[Any, ...]] = set()
    """The connections that one side has closed in order."""
    killed: set[str] = set()
    connected: set[str] = set()
    """The parties that have connected before."""
    for event in events:
        name = event["name"]
        if name == "Connection.Close":
            closing.add(_channel(event)[:2])
        if name == "signal" and event.get("text") == "SIGKILL":
            killed.add(event["party"])
        ended_in_order = name == "Tap.Disconnected" and _channel(event)[:2] in closing
        of_a_killed = name in ("Tap.Disconnected", "exited") and event["party"] in killed
        if ended_in_order or of_a_killed:
            continue
        if (found := _mark(event)) is not None:
            text, weight = found
            if name == "Tap.Connected" and event["party"] in connected:
                text, weight = "connects again", Weight.USUAL
            if name == "Tap.Connected":
                connected.add(event["party"])
            published = name in ("Basic.Publish", "sent")
            task = _task(event.get("body", event.get("text", "")))[0] if published else ""
            queue = "" if not published else OF_THE_PROGRAM if name == "sent" else _queue(event)
            yield Mark(event["party"], event["at"], text, event["number"], weight, task=task, queue=queue)


def _mark(event: EventData) -> tuple[str, Weight] | None:
    """The label of an event and its weight; None if the event has no mark of its own."""
    name, text = event["name"], event.get("text", "")
    if "sender" in event:
        return _asked(event) if event["sender"] == "client" else _told(event)
    if name == FAULT:
        lasts = " for " in text  # a fault without that is shown by its signal, its cut or its outage
        return safe(text, _REASON), Weight.GREAT if lasts else Weight.DETAIL
    of_name: Mapping[str, tuple[str, Weight] | None] = {
        "sent": ("", Weight.USUAL),
        "signal": ("killed" if text == "SIGKILL" else safe(text, _REASON), Weight.GREAT),
        "exited": (safe(f"ends {text}", _REASON), Weight.USUAL),
        "Tap.Cut": ("connection cut", Weight.GREAT),
        "Tap.Refused": ("no broker", Weight.USUAL),
        "Tap.Disconnected": ("connection lost", Weight.USUAL),
        "Tap.Connected": ("connects", Weight.DETAIL),
        "Tap.Flooded": ("floods", Weight.GREAT),
        OVER: (safe(f"{text} is over", _REASON), Weight.DETAIL),
    }
    return of_name.get(name)


def _asked(event: EventData) -> tuple[str, Weight] | None:
    """What a client asked of the broker."""
    name = event["name"]
    queue = safe(str(_field(event, "queue") or "a queue"), _REASON // 2)
    if name == "Basic.Publish":
        return "", Weight.USUAL
    if name == "Queue.Declare" and not _field(event, "passive"):
        said = [
            each.replace("_", "-") for each in ("durable", "exclusive", "auto_delete") if _field(event, each)
        ]
        shown = ", ".join(said) if "durable" in said else ", ".join(["not durable", *said])
        return f"declares {queue}: {shown}", Weight.DETAIL
    if name == "Basic.Consume":
        return f"subscribes to {queue}", Weight.DETAIL
    if name == "Basic.Qos":
        return f"prefetch {_field(event, 'prefetch_count') or 0}", Weight.DETAIL
    if name in ("Queue.Purge", "Queue.Delete"):
        return f"{name.partition('.')[2].lower()}s {queue}", Weight.GREAT
    return None


def _told(event: EventData) -> tuple[str, Weight] | None:
    """What the broker told a client."""
    name, code = event["name"], _field(event, "reply_code")
    if name in ("Channel.Close", "Connection.Close") and isinstance(code, int) and code >= 300:
        reason = str(_field(event, "reply_text") or "").partition(" - ")[0]
        return safe(f"{code} {reason}", _REASON), Weight.USUAL if code == _STOPPING else Weight.GREAT
    return {
        "Basic.Return": (safe(f"returned: {_field(event, 'reply_text')}", _REASON), Weight.GREAT),
        "Basic.Nack": ("nack: not taken", Weight.GREAT),
        "Basic.Cancel": ("consumer cancelled", Weight.GREAT),
        "Connection.Blocked": ("blocked", Weight.GREAT),
        "Connection.Unblocked": ("unblocked", Weight.GREAT),
    }.get(name)


def _decided(event: EventData) -> Mark:
    return Mark(event["party"], event["at"], "", event["number"], Weight.GREAT)


# Times in which something was so


def _connections(events: Sequence[EventData], last: float) -> Iterator[Span]:
    began: dict[tuple[Any, ...], float] = {}
    for event in events:
        key = _channel(event)[:2]
        if event["name"] == "Tap.Connected" or ("sender" in event and key not in began):
            began.setdefault(key, event["at"])
        elif event["name"] in ("Tap.Disconnected", "Tap.Cut") and key in began:
            yield Span(event["party"], began.pop(key), event["at"])
    for (party, _), at in began.items():
        yield Span(party, at, last)


def _silences(events: Sequence[EventData]) -> Iterator[Span]:
    heartbeats: dict[tuple[Any, ...], float] = {}
    sent: dict[tuple[Any, ...], float] = {}
    for event in events:
        key = _channel(event)[:2]
        if event.get("sender") == "client":
            sent[key] = event["at"]
            if event["name"] == "Connection.TuneOk":
                heartbeats[key] = _field(event, "heartbeat") or 0
        elif event["name"] in ("Tap.Disconnected", "Tap.Cut") and heartbeats.get(key) and key in sent:
            silent = event["at"] - sent[key]
            if silent > heartbeats.pop(key):
                yield Span(event["party"], sent[key], event["at"], f"no heartbeat for {silent:.1f} s")


def _outages(events: Sequence[EventData], last: float) -> Iterator[Span]:
    began: EventData | None = None
    for event in events:
        if event["party"] != "broker":
            continue
        if event["name"] in ("unreachable", "disturbed"):
            began = event
        elif event["name"] in ("reachable", "whole") and began is not None:
            yield _outage(began, event["at"])
            began = None
    if began is not None:
        yield _outage(began, last)


def _outage(began: EventData, end: float) -> Span:
    what = safe(began.get("text", ""), _REASON) or "broker cannot be reached"
    return Span("broker", began["at"], end, f"{what}, {end - began['at']:.1f} s")


def _left_out(events: Sequence[EventData]) -> Iterator[Span]:
    for before, after in itertools.pairwise(events):
        if (missing := after["number"] - before["number"] - 1) > 0:
            yield Span("", before["at"], after["at"], f"{missing} events are left out")


# What the picture holds


def _lanes(
    bars: Iterable[Bar],
    marks: Iterable[Mark],
    silences: Iterable[Span],
    outages: Sequence[Span],
    decided: Mark | None,
) -> Iterator[str]:
    """The parties that have something to show. Those that consume come after those that publish only."""
    consuming = {each.party for each in bars}
    told = {each.party for each in marks if _is_told(each)} | {each.party for each in silences}
    if decided is not None:
        told.add(decided.party)
    if not consuming and not told - {"suite"}:
        told |= {each.party for each in marks}
    shown = sorted((consuming | told) - {"broker"}, key=lambda each: (each in consuming, *_in_order(each)))
    yield from shown
    if outages or "broker" in told:
        yield "broker"


def _is_told(mark: Mark) -> bool:
    """Whether the mark alone is worth a lane. That a client was disconnected is not, if it did nothing else."""
    of_a_program = mark.party.startswith(("worker", "producer", "service"))
    return bool(mark.task) or mark.weight > (Weight.DETAIL if of_a_program else Weight.USUAL)


def _in_order(party: str) -> tuple[bool, str, int]:
    """The suite first, and worker 10 after worker 9."""
    name, _, number = party.partition(" ")
    return party != "suite", name, int(number) if number.isdigit() else 0


def _tasks(bars: Iterable[Bar], marks: Iterable[Mark]) -> dict[str, int]:
    """The numbers of the messages. If some were delivered, only these have a number."""
    delivered = {each.task for each in bars}
    seen = [(each.number, each.task) for each in bars] + [
        (each.number, each.task) for each in marks if each.task
    ]
    ordered = dict.fromkeys(task for _, task in sorted(seen) if not delivered or task in delivered)
    return {task: number for number, task in enumerate(ordered, 1)}


def _start(
    bars: Sequence[Bar], marks: Sequence[Mark], decided: Mark | None, events: Sequence[EventData]
) -> float:
    """The first moment that is shown. How a program starts is left out if it does something afterwards."""
    times = [each.start for each in bars[:1]]
    times += [each.at for each in marks if each.weight > Weight.DETAIL][:1]
    if decided is not None:
        times.append(decided.at)
    if not bars:
        times += [each.at for each in marks[:1]]
    return min(times, default=events[0]["at"] if events else 0.0)


def _task(text: str) -> tuple[str, str]:
    """What a message is known by, and the beginning of its text without a token."""
    found = _TOKEN.search(text)
    if found is None:
        return text, safe(text, _TEXT)
    words = text.replace(found[0], "").strip(" .'\"")
    return found[0], safe(" ".join(words.split()), _TEXT)


def _queue(event: EventData) -> str:
    return "" if _field(event, "exchange") else str(_field(event, "routing_key") or "")


def _field(event: EventData, name: str) -> Any:
    return event.get("fields", {}).get(name)


def _channel(event: EventData) -> tuple[Any, ...]:
    return event["party"], event.get("connection"), event.get("channel")
