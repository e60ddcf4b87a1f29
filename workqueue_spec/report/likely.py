"""The likely cause of a failure in one line, as the wire shows it.

Pure functions of a clause of the JSON report. They say only what the events show: what was sent, what was not sent,
and when. If the events show nothing, they say nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..judgement.verdicts import Kind
from ..judgement.verdicts.retrying import MOST_PER_SECOND
from .transcript import safe, shown_name

ClauseData = Mapping[str, Any]
"""A clause as it is in the JSON report."""
EventData = Mapping[str, Any]

DELIVERIES = ("Basic.Deliver", "Basic.GetOk")
SETTLEMENTS = ("Basic.Ack", "Basic.Nack", "Basic.Reject")
_LOSSES = ("Basic.Cancel", "Channel.Close", "Connection.Close", "Tap.Cut", "Tap.Disconnected")
"""By what a subscription ends."""
_TEXT = 150
"""The most characters of a program's last line."""


def likely_cause(clause: ClauseData) -> str:
    """The likely cause of a failed clause; empty if the events do not show one. If it is not known which of its
    histories is judged, it is what all of them show.
    """
    history, event = deciding(clause)
    say = _BY_KIND.get(clause["kind"])
    if say is not None and (said := say(history, event)):
        return said
    if say is not None and not history:
        shown = {say(each["events"], None) for each in clause["histories"] if each["events"]}
        return shown.pop() if len(shown) == 1 else ""
    if event is not None and event["name"] == "exited":
        return _ended(history, event)
    return ""


def deciding(clause: ClauseData) -> tuple[Sequence[EventData], EventData | None]:
    """The events of the history that decided (or else of the one that is judged), and the event that decided."""
    for history in clause["histories"]:
        for event in history["events"]:
            if event["number"] == history["decided_by"]:
                return history["events"], event
    judged = [history["events"] for history in clause["histories"] if history["judged"]]
    return (judged[0] if judged else ()), None


def delivery_of(settlement: EventData, events: Sequence[EventData]) -> EventData | None:
    """The delivery that an acknowledgement or a rejection settles; None if it is unknown, or for another event."""
    if settlement["name"] not in SETTLEMENTS:
        return None
    tag = _field(settlement, "delivery_tag")
    found = None
    for event in events:
        if (
            event["name"] in DELIVERIES
            and _channel(event) == _channel(settlement)
            and _field(event, "delivery_tag") == tag
            and event["number"] < settlement["number"]
        ):
            found = event
    return found


def _held(events: Sequence[EventData], event: EventData | None) -> str:
    if event is None:
        return ""
    sent = [
        each
        for each in _sent(events, event["party"], event["number"])
        if _connection(each) == _connection(event)
    ]
    limits = [each for each in sent if each["name"] == "Basic.Qos"]
    consumers = [each for each in sent if each["name"] == "Basic.Consume"]
    first = next((each["number"] for each in limits), None)
    if first is None:
        again = "" if event.get("connection") == 1 else " on this connection"
        return f"no basic.qos was sent{again}"
    if consumers and first > consumers[0]["number"]:
        return "basic.qos was sent after basic.consume, so it does not limit this consumer"
    limit = _field(limits[-1], "prefetch_count") or 0
    if limit and len(consumers) > 1:
        may = "one" if limit == 1 else limit
        return f"{len(consumers)} consumers on the connection, and each may hold {may}"
    if limit != 1:
        return f"basic.qos asked for prefetch-count {limit}" + ("" if limit else ", which means no limit")
    return ""


def _early(events: Sequence[EventData], event: EventData | None) -> str:
    delivery = None if event is None else delivery_of(event, events)
    if event is None or delivery is None:
        return ""
    took = event["at"] - delivery["at"]
    shown = f"{took * 1000:.0f} ms" if took < 1 else f"{took:.1f} s"
    what = "acknowledged" if event["name"] == "Basic.Ack" else f"settled by {shown_name(event['name'])}"
    return f"{what} before the work: {shown} after the delivery"


def _no_ack(events: Sequence[EventData], event: EventData | None) -> str:
    return "the subscription, or the fetch, has no-ack set: the broker waits for no acknowledgement"


def _missettled(events: Sequence[EventData], event: EventData | None) -> str:
    if event is None or event["name"] not in SETTLEMENTS:
        return ""
    if _field(event, "multiple"):
        return f"{shown_name(event['name'])} with multiple settles all tags up to {_field(event, 'delivery_tag')}"
    tag = _field(event, "delivery_tag")
    if earlier := [
        each
        for each in events
        if each["name"] in SETTLEMENTS
        and _channel(each) == _channel(event)
        and _field(each, "delivery_tag") == tag
        and each["number"] < event["number"]
    ]:
        return f"tag {tag} was settled before, at {earlier[-1]['at']:+.3f} s"
    elsewhere = [
        each
        for each in events
        if each["name"] in DELIVERIES
        and each["party"] == event["party"]
        and _field(each, "delivery_tag") == tag
        and _channel(each) != _channel(event)
        and each["number"] < event["number"]
    ]
    if not elsewhere:
        return ""
    if _connection(elsewhere[-1]) != _connection(event):
        return f"tag {tag} belongs to a delivery on an earlier connection"
    return f"tag {tag} was delivered on channel {elsewhere[-1]['channel']}, not on channel {event['channel']}"


def _unsettled(events: Sequence[EventData], event: EventData | None) -> str:
    if event is None:
        return ""
    if event["name"] in SETTLEMENTS and event["name"] != "Basic.Ack":
        return f"{shown_name(event['name'])} was sent instead of an acknowledgement"
    if event["name"] in DELIVERIES:
        ends = [each for each in events if each["party"] == event["party"] and each["name"] == "exited"]
        if ends and ends[0]["number"] > event["number"]:
            return _ended(events, ends[0])
        marked = " (a redelivery)" if _field(event, "redelivered") else ""
        return f"nothing was sent for the delivery at {event['at']:+.3f} s{marked}"
    return ""


def _connection_lost(events: Sequence[EventData], event: EventData | None) -> str:
    if event is None or not event.get("connection"):
        return ""
    of_it = [each for each in events if _connection(each) == _connection(event)]
    tuned = [each for each in of_it if each["name"] == "Connection.TuneOk"]
    sent = [each for each in of_it if each.get("sender") == "client" and each["number"] < event["number"]]
    heartbeat = _field(tuned[-1], "heartbeat") if tuned else None
    if heartbeat and sent and (silent := event["at"] - sent[-1]["at"]) > heartbeat:
        return f"heartbeat {heartbeat} s negotiated, none sent for {silent:.1f} s"
    return ""


def _refused(events: Sequence[EventData], event: EventData | None) -> str:
    if event is None:
        return ""
    before = [
        each
        for each in events
        if _channel(each) == _channel(event)
        and each.get("sender") == "client"
        and each["number"] < event["number"]
        and each["name"] != "Heartbeat"
    ]
    told = f"{_field(event, 'reply_code')} {_field(event, 'reply_text')}"
    asked = f" after {shown_name(before[-1]['name'])}" if before else ""
    return safe(f"the broker said{asked}: {told}", _TEXT)


def _transient(events: Sequence[EventData], event: EventData | None) -> str:
    if event is None:
        return ""
    mode = event.get("properties", {}).get("delivery_mode")
    return (
        "basic.publish without delivery-mode" if mode is None else f"basic.publish with delivery-mode {mode}"
    )


def _unconfirmed(events: Sequence[EventData], event: EventData | None) -> str:
    if event is None:
        return ""
    of_it = [each for each in events if each["party"] == event["party"] and each["number"] < event["number"]]
    published = [each for each in of_it if each["name"] == "Basic.Publish"]
    if not any(each["name"] in ("Confirm.Select", "Tx.Select") for each in of_it):
        return "no confirm.select was sent, so the broker confirms nothing" if published else ""
    replies = [each for each in of_it if each["name"] in ("Basic.Ack", "Basic.Nack", "Basic.Return")]
    if replies and replies[-1]["name"] != "Basic.Ack":
        return f"the broker's last reply was {shown_name(replies[-1]['name'])}"
    if published and not replies:
        waited = event["at"] - published[-1]["at"]
        return f"the program ended {waited:.1f} s after basic.publish, and no confirm had come"
    return ""


def _hot_loop(events: Sequence[EventData], event: EventData | None) -> str:
    requeued = [each for each in events if each["name"] in SETTLEMENTS and _field(each, "requeue")]
    if len(requeued) < MOST_PER_SECOND:  # the last attempt may be in hand
        return ""
    how = shown_name(requeued[-1]["name"])
    return f"{how} with requeue and without a pause: the broker delivers the task again at once"


def _not_back(events: Sequence[EventData], event: EventData | None) -> str:
    """What a worker did after it had lost its subscription for the last time."""
    party = next((each["party"] for each in reversed(events) if each["name"] == "Basic.ConsumeOk"), "")
    lost = [each for each in events if each["party"] == party and each["name"] in _LOSSES]
    if not lost:
        return ""
    since = [each for each in events if each["number"] > lost[-1]["number"]]
    later = [each["name"] for each in since if each["party"] == party]
    events_are_left_out = since and since[-1]["number"] - lost[-1]["number"] > len(since)
    if events_are_left_out or any(each in ("exited", "Basic.Consume", "Basic.Get") for each in later):
        return ""
    if "Tap.Connected" in later:
        return f"{party} connected again, but sent no basic.consume"
    if lost[-1]["name"] in ("Basic.Cancel", "Channel.Close"):
        return f"{party} sent no basic.consume again"
    return f"{party} did not connect again"


def _ended(events: Sequence[EventData], event: EventData | None) -> str:
    """How the process ended, with its last line of output."""
    if event is None or event["name"] != "exited":
        return ""
    said = [
        each
        for each in events
        if each["party"] == event["party"] and each["name"] == "output" and each.get("text", "").strip()
    ]
    last = f"; its last line: {said[-1]['text'].strip()}" if said else ""
    return safe(f"the process ended {event.get('text', '')}{last}", _TEXT)


_BY_KIND: Mapping[str, Callable[[Sequence[EventData], EventData | None], str]] = {
    Kind.HELD: _held,
    Kind.EARLY: _early,
    Kind.NO_ACK: _no_ack,
    Kind.MISSETTLED: _missettled,
    Kind.UNSETTLED: _unsettled,
    Kind.CONNECTION_LOST: _connection_lost,
    Kind.REFUSED: _refused,
    Kind.TRANSIENT: _transient,
    Kind.UNCONFIRMED: _unconfirmed,
    Kind.STATUS: _ended,
    Kind.HOT_LOOP: _hot_loop,
    Kind.NOT_BACK: _not_back,
}


def _sent(events: Sequence[EventData], party: str, before: int) -> Iterator[EventData]:
    """What the party sent before the event of this number."""
    for event in events:
        if event["party"] == party and event.get("sender") == "client" and event["number"] < before:
            yield event


def _field(event: EventData, name: str) -> Any:
    return event.get("fields", {}).get(name)


def _connection(event: EventData) -> tuple[Any, ...]:
    return event["party"], event.get("connection")


def _channel(event: EventData) -> tuple[Any, ...]:
    return (*_connection(event), event.get("channel"))
