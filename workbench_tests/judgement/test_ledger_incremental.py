"""The living ledger: fed event by event, it says at every moment what a ledger says that is read anew."""

import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pamqp import base, commands

from workqueue_spec.judgement.history import Event, History
from workqueue_spec.judgement.ledger import Ledger, Reader, ledger
from workqueue_spec.judgement.ledger.channels import Tags, Waiting
from workqueue_spec.judgement.verdicts.carrying import by_mark
from workqueue_spec.wiretap import WireEvent

from .wire import Script

PARTIES = ("worker 1", "worker 2")
TEXTS = (b"k00000001", b"k00000002", b"text")
QUEUES = ("task_queue", "other")

_tags = st.integers(0, 6)
_bodies = st.sampled_from([b"k00000001.", b"k00000002 text", b'["k00000001"]', b"text"])
_queues = st.sampled_from(["", *QUEUES])
_consumers = st.sampled_from(["", "consumer", "second"])
_no_ack = st.booleans()

_from_client: list[st.SearchStrategy[base.Frame]] = [
    st.builds(commands.Connection.StartOk, st.just({"capabilities": {"connection.blocked": True}})),
    st.builds(commands.Connection.TuneOk, heartbeat=st.integers(0, 60)),
    st.builds(commands.Queue.Declare, queue=st.sampled_from(QUEUES), passive=st.booleans()),
    st.builds(commands.Queue.Purge, queue=st.sampled_from(QUEUES)),
    st.builds(
        commands.Basic.Consume, queue=_queues, consumer_tag=_consumers, no_ack=_no_ack, nowait=st.booleans()
    ),
    st.builds(commands.Basic.Get, queue=_queues, no_ack=_no_ack),
    st.builds(commands.Basic.Ack, _tags, st.booleans()),
    st.builds(commands.Basic.Nack, _tags, st.booleans(), st.booleans()),
    st.builds(commands.Basic.Reject, _tags, st.booleans()),
    st.just(commands.Basic.Recover()),
    st.just(commands.Confirm.Select()),
    st.just(commands.Tx.Select()),
    st.just(commands.Channel.Open()),
    st.just(commands.Channel.Close(200, "bye", 0, 0)),
    st.just(commands.Connection.Close(200, "bye", 0, 0)),
]
_from_broker: list[st.SearchStrategy[base.Frame]] = [
    st.builds(commands.Queue.DeclareOk, st.sampled_from(QUEUES), st.just(0), st.just(0)),
    st.builds(commands.Basic.ConsumeOk, _consumers),
    st.just(commands.Basic.GetEmpty()),
    st.builds(commands.Basic.Ack, _tags, st.booleans()),
    st.builds(commands.Basic.Nack, _tags, st.booleans(), st.just(False)),
    st.builds(commands.Basic.Cancel, _consumers),
    st.just(commands.Tx.CommitOk()),
    st.just(commands.Tx.RollbackOk()),
    st.just(commands.Channel.Close(404, "NOT_FOUND", 0, 0)),
    st.just(commands.Connection.Close(320, "CONNECTION_FORCED", 0, 0)),
]
_delivering = st.one_of(
    st.builds(commands.Basic.Deliver, _consumers, _tags, st.booleans(), st.just(""), st.sampled_from(QUEUES)),
    st.builds(commands.Basic.GetOk, _tags, st.booleans(), st.just(""), st.sampled_from(QUEUES), st.just(0)),
    st.just(commands.Basic.Return(312, "NO_ROUTE", "", "task_queue")),
)
_places = st.fixed_dictionaries(
    {"who": st.sampled_from(PARTIES), "connection": st.integers(1, 2), "channel": st.integers(1, 2)}
)
_steps = st.one_of(
    st.tuples(st.just("client"), st.one_of(_from_client), _places),
    st.tuples(st.just("broker"), st.one_of(_from_broker), _places),
    st.tuples(st.just("broker"), _delivering, _places, _bodies),
    st.tuples(
        st.just("client"),
        st.builds(commands.Basic.Publish, st.just(0), st.just(""), st.sampled_from(QUEUES)),
        _places,
        _bodies,
    ),
    st.tuples(st.just("tap"), st.sampled_from(["Tap.Cut", "Tap.Disconnected"]), _places),
)


def scripted(steps: list[tuple[Any, ...]]) -> list[Event]:
    """The events of these steps."""
    script = Script()
    for kind, what, where, *body in steps:
        if kind == "tap":
            script.tap(what, where["who"], where["connection"])
        else:
            add = script.client if kind == "client" else script.broker
            add(what, **where, body=body[0] if body else None)
    return script.events


def add(history: History, event: Event) -> None:
    """Adds the event to the history; times are those of the history's own clock."""
    assert event.wire is not None
    history.add_wire(event.who, event.wire)


def about(book: Ledger, queue: str) -> Ledger:
    """The ledger about a queue, made anew."""
    return Ledger(
        **{
            **vars_of(book),
            "deliveries": [each for each in book.deliveries if each.queue == queue],
            "consumers": [each for each in book.consumers if each.queue == queue],
            "fetches": [each for each in book.fetches if each.queue == queue],
        }
    )


def vars_of(book: Ledger) -> dict[str, Any]:
    """The lists of the ledger by their names."""
    return {name: getattr(book, name) for name in Ledger.__dataclass_fields__}


@given(st.lists(_steps, max_size=30))
def test_a_ledger_that_is_fed_equals_one_read_anew(steps: list[tuple[Any, ...]]) -> None:
    """At every prefix of the history: the ledger, its view of each queue, and what carries each text."""
    events = scripted(steps)
    readers = {who: Reader() for who in (None, *PARTIES)}
    for number, event in enumerate(events, 1):
        for who, reader in readers.items():
            if who in (None, event.who):
                reader.read(event)
            anew = ledger(events[:number], who)
            assert reader.ledger == anew
            for queue in QUEUES:
                assert reader.ledger.about(queue) == about(anew, queue)
            for text in TEXTS:
                assert reader.ledger.of(text) == [each for each in anew.deliveries if each.carries(text)]
                carrying = [each for each in anew.publications if each.carries(text)]
                assert reader.ledger.carrying(text) == carrying


@given(st.lists(_steps, max_size=30), st.data())
def test_a_history_hands_out_the_ledger_of_its_events(
    steps: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    """However often it is asked, and for whom."""
    history = History()
    for event in scripted(steps):
        add(history, event)
        who = data.draw(st.sampled_from([None, *PARTIES, "nobody"]))
        assert history.ledger(who) == ledger(history.events, who)
        of = [each for each in history.events if each.who == event.who]
        assert list(history.events_of(event.who)) == of
        same = [each for each in of if each.what == event.what]
        assert list(history.events_of(event.who, event.what)) == same


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 8), st.booleans()), max_size=40))
def test_what_waits_is_taken_by_number(steps: list[tuple[bool, int, bool]]) -> None:
    waiting, expected = Waiting[Any](), dict[int, int]()
    for step, (adds, number, multiple) in enumerate(steps):
        if adds:
            waiting.add(number, step)
            expected[number] = step
            continue
        means = [each for each in expected if each == number or (multiple and (number == 0 or each < number))]
        assert waiting.take(number, multiple) == [(each, expected.pop(each)) for each in means]
    assert waiting.take_all() == list(expected.values())


@given(st.lists(st.integers(0, 9)))
def test_tags_are_a_set(tags: list[int]) -> None:
    found = Tags()
    for tag in tags:
        found.add(tag)
    assert [tag in found for tag in range(12)] == [tag in tags for tag in range(12)]


def test_a_living_ledger_is_one_object_and_grows_when_it_is_asked_for() -> None:
    history, events = History(), Script().deliver(1).ack(1).events
    add(history, events[0])
    book = history.ledger("worker 1")
    (delivery,) = book.about("").deliveries
    add(history, events[1])
    assert not delivery.acknowledged
    assert history.ledger("worker 1") is book
    assert delivery.acknowledged
    assert book.about("") is book.about("")


def test_events_are_a_view_that_does_not_grow() -> None:
    history = History()
    for number in range(4):
        history.add("worker 1", "output", str(number))
    events = history.events
    history.add("worker 1", "exited")
    assert [event.text for event in events] == ["0", "1", "2", "3"]
    assert (len(events), events[-1].text, events[1:3][0].text) == (4, "3", "1")
    assert [event.text for event in reversed(events)] == ["3", "2", "1", "0"]
    assert list(history.events_of("worker 2")) == []
    assert [event.what for event in history.events_of("worker 1", "exited")] == ["exited"]


def test_ledgers_are_read_while_events_come() -> None:
    """Two threads ask while a third adds: nothing is read twice or left out."""
    history, events = History(), [event for tag in range(1, 400) for event in Script().deliver(tag).events]

    def ask() -> None:
        while len(history.ledger("worker 1").about("").deliveries) < len(events):
            history.ledger("worker 1").of(b"task")

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    for event in events:
        add(history, event)
    for thread in asking:
        thread.join()
    assert [each.tag for each in history.ledger("worker 1").deliveries] == list(range(1, 400))
    assert len(history.ledger("worker 1").of(b"task")) == len(events)


@given(st.lists(st.tuples(st.sampled_from(PARTIES), st.sampled_from(TEXTS)), max_size=12))
def test_tasks_are_found_whether_their_marks_are_tokens_or_not(deliveries: list[tuple[str, bytes]]) -> None:
    script = Script()
    for tag, (who, body) in enumerate(deliveries, 1):
        script.deliver(tag, body, who=who).ack(tag, who=who)
    found = by_mark(script.ledger.deliveries, TEXTS)
    assert set(found) == {body for _, body in deliveries}


def test_an_event_without_a_method_is_read() -> None:
    history = History()
    history.add_wire("worker 1", WireEvent(0.0, 1, 0, None, "Tap.Connected"))
    history.add("worker 1", "started")
    assert history.ledger("worker 1") == Ledger()
