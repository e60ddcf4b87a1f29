"""From a history's events to lanes, bars, marks and spans."""

import pytest

from workqueue_spec.report.html.depth import depth
from workqueue_spec.report.html.timeline import Ending, Weight, timeline

from . import histories
from .histories import Script, task


def test_a_bar_lasts_from_the_delivery_to_the_settlement() -> None:
    script = Script()
    tag = script.delivers(1.0, "worker 1", task(1))
    script.acks(1.2, "worker 1", tag)
    (bar,) = timeline(script.history()).bars
    assert (bar.party, bar.start, bar.end, bar.ending) == ("worker 1", 1.0, 1.2, Ending.ACKNOWLEDGED)
    assert (bar.task, bar.text) == ("k00000001", "resize fetch")


def test_an_acknowledgement_of_several_ends_all_up_to_its_tag() -> None:
    script = Script()
    for number in range(1, 4):
        script.delivers(number, "worker 1", task(number))
    script.acks(5.0, "worker 1", 2, multiple=True)
    assert [bar.end for bar in timeline(script.history()).bars] == [5.0, 5.0, None]


def test_an_acknowledgement_on_another_channel_ends_nothing() -> None:
    script = Script()
    tag = script.delivers(1.0, "worker 1", task(1))
    script.acks(1.2, "worker 1", tag, connection=2)
    assert timeline(script.history()).bars[0].ending is Ending.HELD


@pytest.mark.parametrize(("requeue", "ending"), [(True, Ending.REQUEUED), (False, Ending.REJECTED)])
def test_a_rejection_says_whether_it_requeues(requeue: bool, ending: Ending) -> None:
    script = Script()
    tag = script.delivers(1.0, "worker 1", task(1))
    script.wire(1.1, "worker 1", "Basic.Reject", "client", delivery_tag=tag, requeue=requeue)
    assert timeline(script.history()).bars[0].ending is ending


def test_a_delivery_without_acknowledgements_takes_no_time() -> None:
    script = Script()
    script.wire(0.9, "worker 1", "Basic.Consume", "client", queue="task_queue", no_ack=True)
    script.delivers(1.0, "worker 1", task(1))
    (bar,) = timeline(script.history()).bars
    assert (bar.start, bar.end, bar.ending) == (1.0, 1.0, Ending.NO_ACK)


def test_a_crash_takes_back_what_was_held_and_the_task_is_delivered_again() -> None:
    shown = timeline(histories.crash())
    first, _, again = shown.bars
    assert (first.end, first.ending) == (1.3, Ending.TAKEN_BACK)
    assert (again.party, again.task, again.redelivered) == ("worker 2", first.task, True)
    said = [(each.text, each.weight) for each in shown.marks if each.party == "worker 1"]
    assert ("killed", Weight.GREAT) in said
    assert not [text for text, _ in said if "lost" in text or "ends" in text], "the kill says it"


def test_tasks_are_numbered_as_they_are_first_seen() -> None:
    shown = timeline(histories.round_robin())
    by_party = {
        party: [shown.tasks[bar.task] for bar in shown.bars if bar.party == party] for party in shown.lanes
    }
    assert by_party == {"client 1": [], "client 2": [1, 3, 5], "client 3": [2, 4]}


def test_only_delivered_messages_have_a_number_if_some_are_delivered() -> None:
    script = Script()
    for number in range(1, 4):
        script.wire(number, "client 1", "Basic.Publish", "client", body=task(number), routing_key="q")
    assert list(timeline(script.history()).tasks.values()) == [1, 2, 3]
    script.delivers(5.0, "client 2", task(2))
    assert timeline(script.history()).tasks == {"k00000002": 1}


def test_messages_without_a_token_are_known_by_their_text() -> None:
    script = Script()
    script.delivers(1.0, "worker 1", "hello")
    script.delivers(2.0, "worker 1", "hello")
    script.delivers(3.0, "worker 1", "world")
    assert timeline(script.history()).tasks == {"hello": 1, "world": 2}


def test_the_picture_begins_with_the_work_and_not_with_the_start_of_the_programs() -> None:
    assert timeline(histories.crash()).start == 1.0


def test_what_the_suite_sent_is_not_later_than_its_delivery() -> None:
    shown = timeline(histories.early())
    assert [mark.at for mark in shown.marks if mark.party == "suite"] == [1.0]


def test_an_outage_says_why_and_how_long() -> None:
    (outage,) = timeline(histories.restart()).outages
    assert (outage.start, outage.end, outage.text) == (0.3, 5.1, "restart, 4.8 s")
    script = Script()
    script.add(1.0, "broker", "unreachable")
    script.add(2.0, "client 1", "Tap.Refused", text="no", connection=0, channel=0)
    (outage,) = timeline(script.history()).outages
    assert outage.text == "broker cannot be reached, 1.0 s"


def test_a_silence_is_longer_than_the_heartbeat() -> None:
    (silence,) = timeline(histories.silence()).silences
    assert (silence.party, silence.end) == ("worker 1", 4.1)
    assert silence.text == "no heartbeat for 4.0 s"
    script = Script()
    script.connects(0.1, "worker 1", heartbeat=60)
    script.add(4.1, "worker 1", "Tap.Disconnected", text="closed by the client", connection=1, channel=0)
    assert not timeline(script.history()).silences


def test_a_connection_that_is_closed_in_order_is_not_lost() -> None:
    script = Script()
    script.connects(0.1, "worker 1")
    script.wire(1.0, "worker 1", "Connection.Close", "client", reply_code=200, reply_text="bye")
    script.add(1.1, "worker 1", "Tap.Disconnected", text="closed by the client", connection=1, channel=0)
    assert "connection lost" not in [mark.text for mark in timeline(script.history()).marks]


def test_a_refusal_is_marked_with_its_code() -> None:
    marks = {mark.text: mark.weight for mark in timeline(histories.refused()).marks}
    assert marks["406 PRECONDITION_FAILED"] is Weight.GREAT
    assert "declares letters: not durable, auto-delete" in marks


def test_the_deciding_event_is_marked() -> None:
    decided = timeline(histories.early()).decided
    assert decided is not None
    assert (decided.party, decided.at) == ("worker 1", 1.006)
    assert timeline(histories.crash()).decided is None


def test_the_time_reaches_to_when_the_clause_was_judged() -> None:
    history = {**histories.crash(), "judged_at": 18.4}
    assert timeline(history).end == timeline(history).decided_at == 18.4
    early = timeline({**histories.early(), "judged_at": 18.4})
    assert (early.end, early.decided_at) == (18.4, 1.006)
    assert timeline(histories.crash()).decided_at is None
    assert timeline({**Script().history(), "judged_at": 18.4}).is_empty


def test_events_that_are_left_out_are_told() -> None:
    script = Script()
    script.add(0.0, "worker 1", "started")
    script.events.append(
        {"number": 301, "at": 3.0, "party": "worker 1", "name": "exited", "text": "with status 0"}
    )
    (gap,) = timeline(script.history(left_out=300)).left_out
    assert (gap.start, gap.end, gap.text) == (0.0, 3.0, "300 events are left out")


def test_lanes_are_who_sends_who_works_and_the_broker() -> None:
    assert timeline(histories.restart()).lanes == ("client 1", "client 2", "client 3", "broker")
    assert timeline(histories.crash()).lanes == ("suite", "worker 1", "worker 2")


def test_a_history_without_events_is_empty() -> None:
    assert timeline(Script().history()).is_empty


def test_the_depth_of_the_queue_follows_publications_deliveries_and_returns() -> None:
    assert depth(timeline(histories.crash())) == ((1.0, 0), (1.05, 1), (1.06, 0), (1.3, 1), (1.35, 0))


def test_the_depth_ends_where_the_broker_goes_away() -> None:
    assert depth(timeline(histories.restart()))[-1] == (0.115, 3)


def test_there_is_no_depth_if_more_was_delivered_than_published_or_events_are_left_out() -> None:
    script = Script()
    script.delivers(1.0, "worker 1", task(1))
    assert depth(timeline(script.history())) == ()
    crash = histories.crash()
    crash["events"] = [each for each in crash["events"] if each["name"] != "exited"]
    assert depth(timeline(crash)) == ()


def test_a_fault_of_a_storm_is_marked_if_nothing_else_shows_it() -> None:
    script = Script()
    script.delivers(1.0, "worker 1", task(1))
    script.add(1.1, "worker 1", "fault", text="fault 1: cut")
    script.add(1.2, "worker 1", "fault", text="fault 2: silent for 1.2 s")
    script.add(2.4, "worker 1", "fault over", text="fault 2: silent for 1.2 s")
    said = [(each.text, each.weight) for each in timeline(script.history()).marks]
    assert said == [
        ("fault 1: cut", Weight.DETAIL),
        ("fault 2: silent for 1.2 s", Weight.GREAT),
        ("fault 2: silent for 1.2 s is over", Weight.DETAIL),
    ]
