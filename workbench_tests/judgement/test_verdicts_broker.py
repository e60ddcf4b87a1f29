"""The verdicts over brokers: what they keep, in which order and how often they deliver, and what they reply."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands

from workqueue_spec.broker.control import Counts
from workqueue_spec.judgement.ledger import Channel, Delivery, Ledger
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts.cancelling import cancelled, dropped_within
from workqueue_spec.judgement.verdicts.confirming import (
    acked,
    acked_without_return,
    arrived_whole,
    confirmed_once,
    kept_what_it_confirmed,
    nacked,
    one_confirmed,
    returned_then_acked,
)
from workqueue_spec.judgement.verdicts.declaring import connection_refused_for
from workqueue_spec.judgement.verdicts.keeping import fetched, is_gone, never_delivered, still_holds
from workqueue_spec.judgement.verdicts.limits import each_holds, together_hold
from workqueue_spec.judgement.verdicts.ordering import Place, in_order, requeued_to
from workqueue_spec.judgement.verdicts.redelivery import (
    counts_deliveries,
    dead_lettered,
    delivered_times,
    headers,
)
from workqueue_spec.judgement.verdicts.settlement import marked_new, marked_redelivered
from workqueue_spec.timeouts import QUIET

from .wire import Script

NOTHING = Script().ledger
DEATH = {"reason": "rejected", "queue": "letters", "count": 1}
TASKS = [Task(f"k{number} sort", f"k{number}", 0) for number in range(1, 6)]


def delivered(order: list[int]) -> Ledger:
    """The tasks with these numbers, delivered one after the other."""
    script = Script()
    for tag, number in enumerate(order, 1):
        script.deliver(tag, TASKS[number - 1].body)
    return script.ledger


def with_headers(*each: dict[str, Any]) -> list[Delivery]:
    """Deliveries of one message, with these headers."""
    script = Script()
    for tag, table in enumerate(each, 1):
        script.deliver(tag, properties=commands.Basic.Properties(headers=table or None))
    return script.ledger.deliveries


def published(*tasks: Task) -> Script:
    """The tasks, published on a channel in confirm mode."""
    script = Script().client(commands.Confirm.Select())
    for task in tasks:
        script.client(commands.Basic.Publish(0, "", "letters"), body=task.body)
    return script


class TestCancelling:
    ONE = (("worker 1", 1, 1), "one")
    OTHER = (("worker 1", 1, 2), "other")

    @staticmethod
    def cancels(*consumers: tuple[Channel, str]) -> Ledger:
        script = Script()
        for (_, _, channel), tag in consumers:
            script.broker(commands.Basic.Cancel(tag), channel=channel)
        return script.ledger

    def test_each_was_told(self) -> None:
        assert cancelled(self.cancels(self.ONE, self.OTHER).cancellations, [self.ONE, self.OTHER])

    def test_one_was_not(self) -> None:
        assert not cancelled(self.cancels(self.ONE).cancellations, [self.ONE, self.OTHER])

    def test_one_too_many(self) -> None:
        assert not cancelled(self.cancels(self.ONE, self.OTHER).cancellations, [self.ONE])

    def test_the_same_tag_on_another_channel_is_another_consumer(self) -> None:
        elsewhere = (self.OTHER[0], self.ONE[1])
        assert not cancelled(self.cancels(elsewhere).cancellations, [self.ONE])

    def test_nobody_was_told(self) -> None:
        assert not cancelled(NOTHING.cancellations, [self.ONE])

    @pytest.mark.parametrize(
        ("interval", "took", "holds"),
        [
            (1, 0.5, True),
            (1, 2.9, True),
            (1, 4.0, True),
            (1, 4.1, False),
            (1, 0.0, False),
            (0, QUIET / 2, False),
            (None, 1.0, False),
        ],
    )
    def test_dropped_in_time(self, interval: int | None, took: float, holds: bool) -> None:
        assert bool(dropped_within(3, interval, took)) is holds


class TestConfirming:
    @given(st.permutations(range(1, 9)), st.lists(st.booleans(), min_size=8, max_size=8), st.data())
    def test_once_each_in_any_order(
        self, order: list[int], multiple: list[bool], data: st.DataObject
    ) -> None:
        """Confirms in any order hold if each is for a message that waits for one. They do not hold without the
        last confirm, or with any confirm sent twice.
        """
        tasks = [Task(f"k{number}", f"k{number}", 0) for number in order]
        waiting, replies = set(order), list[commands.Basic.Ack]()
        for number, below in zip(order, multiple, strict=True):
            if number in waiting:
                replies.append(commands.Basic.Ack(number, below))
                waiting -= {each for each in waiting if each == number or (below and each < number)}

        def says(replies: list[commands.Basic.Ack]) -> Ledger:
            script = published(*tasks)
            for answer in replies:
                script.broker(answer)
            return script.ledger

        right = says(replies)
        assert confirmed_once(right, 8)
        assert all(acked(each) for each in right.publications)
        assert not confirmed_once(says(replies[:-1]), 8)
        again = data.draw(st.sampled_from(range(len(replies))))
        assert not confirmed_once(says([*replies[: again + 1], replies[again], *replies[again + 1 :]]), 8)

    def test_tag_zero_with_multiple_confirms_all(self) -> None:
        assert confirmed_once(published(*TASKS).broker(commands.Basic.Ack(0, True)).ledger, 5)

    def test_tag_zero_alone_confirms_none(self) -> None:
        assert not confirmed_once(published(TASKS[0]).broker(commands.Basic.Ack(0, False)).ledger, 1)

    def test_a_nack_is_a_confirm_too(self) -> None:
        script = published(*TASKS[:2]).broker(commands.Basic.Nack(2)).broker(commands.Basic.Ack(1))
        assert confirmed_once(script.ledger, 2)

    def test_a_return_is_not(self) -> None:
        script = published(TASKS[0]).broker(commands.Basic.Return(312, "NO_ROUTE", "", "x"), body=b"")
        assert not confirmed_once(script.ledger, 1)
        assert confirmed_once(script.broker(commands.Basic.Ack(1)).ledger, 1)

    def test_a_confirm_of_nothing(self) -> None:
        script = published(TASKS[0]).broker(commands.Basic.Ack(1)).broker(commands.Basic.Ack(7))
        assert "message 7" in confirmed_once(script.ledger, 1).seen

    def test_more_messages_than_expected(self) -> None:
        assert not confirmed_once(published(*TASKS[:2]).broker(commands.Basic.Ack(2, True)).ledger, 1)

    def test_fewer_messages_than_expected(self) -> None:
        assert not confirmed_once(published(TASKS[0]).broker(commands.Basic.Ack(1)).ledger, 2)
        assert not confirmed_once(NOTHING, 1)

    def test_acked_and_nacked(self) -> None:
        script = published(*TASKS[:3]).broker(commands.Basic.Ack(1)).broker(commands.Basic.Nack(2))
        ack, nack, neither = script.ledger.publications
        assert [bool(acked(each)) for each in (ack, nack, neither)] == [True, False, False]
        assert [bool(nacked(each)) for each in (ack, nack, neither)] == [False, True, False]

    @staticmethod
    def returned(
        code: int = 312, body: bytes = b"k1 sort", exchange: str = "", key: str = "letters"
    ) -> Script:
        """A message that was published, and returned with these details."""
        return published(TASKS[0]).broker(commands.Basic.Return(code, "", exchange, key), body=body)

    @staticmethod
    def came_back(script: Script) -> bool:
        """Whether the message was returned as it must be."""
        return bool(returned_then_acked(script.ledger.replies, script.ledger.publications[0]))

    def test_returned_then_acked(self) -> None:
        assert not self.came_back(self.returned())
        assert self.came_back(self.returned().broker(commands.Basic.Ack(1)))

    def test_acked_then_returned(self) -> None:
        script = self.returned().broker(commands.Basic.Ack(1))
        replies, publication = script.ledger.replies, script.ledger.publications[0]
        assert not returned_then_acked(replies[::-1], publication)
        assert not returned_then_acked([*replies, *replies], publication)
        assert not returned_then_acked([], publication)

    @pytest.mark.parametrize(
        "another",
        [
            {"body": b"k2 sort"},
            {"body": b"K1 sort"},
            {"exchange": "e"},
            {"key": "parcels"},
            {"code": 311},
            {"code": 313},
        ],
    )
    def test_returned_as_another(self, another: dict[str, Any]) -> None:
        assert not self.came_back(self.returned(**another).broker(commands.Basic.Ack(1)))

    def test_returned_without_its_properties(self) -> None:
        script = Script().client(
            commands.Basic.Publish(0, "", "letters"),
            body=b"",
            properties=commands.Basic.Properties(message_id="m"),
        )
        script.broker(commands.Basic.Return(312, "", "", "letters"), body=b"").broker(commands.Basic.Ack(1))
        assert not self.came_back(script)

    def test_acked_without_return(self) -> None:
        script = published(TASKS[0]).broker(commands.Basic.Ack(1))
        assert acked_without_return(script.ledger.replies)
        script.broker(commands.Basic.Return(312, "", "", "x"), body=b"a task")
        assert not acked_without_return(script.ledger.replies)

    def test_no_reply_is_no_pass(self) -> None:
        assert not acked_without_return([])

    def test_one_confirmed(self) -> None:
        script = published(*TASKS[:2])
        assert not one_confirmed(script.ledger, TASKS)
        assert not one_confirmed(script.broker(commands.Basic.Nack(1)).ledger, TASKS)
        assert one_confirmed(script.broker(commands.Basic.Ack(2)).ledger, TASKS)
        assert not one_confirmed(script.ledger, TASKS[2:])

    @pytest.mark.parametrize(
        ("came", "copies", "holds"),
        [
            ([1, 2], 1, True),
            ([1, 2, 3], 1, True),  # one more than was confirmed is no loss
            ([1, 2, 1], 1, True),  # nor is one that comes again
            ([1], 1, False),
            ([], 1, False),
            ([1, 2, 2, 1], 2, True),
            ([1, 2, 2], 2, False),
        ],
    )
    def test_what_was_confirmed_is_kept(self, came: list[int], copies: int, holds: bool) -> None:
        publisher = published(*TASKS[:3]).broker(commands.Basic.Ack(2, True)).ledger
        assert bool(kept_what_it_confirmed(TASKS, publisher, delivered(came), copies)) is holds

    def test_nothing_confirmed_is_nothing_kept(self) -> None:
        assert not kept_what_it_confirmed(TASKS, published(*TASKS).ledger, delivered([1, 2, 3, 4, 5]), 1)
        assert not kept_what_it_confirmed([], NOTHING, NOTHING, 1)


class TestArrival:
    NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)

    @staticmethod
    def sent(
        came: dict[str, Any], *, bodies: tuple[bytes, bytes] = (b"task", b"task"), **properties: Any
    ) -> bool:
        """Whether a message that was published with `properties` and arrived with `came` counts as whole."""
        script = Script().client(
            commands.Basic.Publish(0, "", "task_queue"),
            body=bodies[0],
            properties=commands.Basic.Properties(**properties),
        )
        script.deliver(1, bodies[1], properties=commands.Basic.Properties(**came))
        return bool(arrived_whole(script.ledger.publications[0], script.ledger.deliveries[0]))

    def test_as_it_was(self) -> None:
        properties: dict[str, Any] = {
            "message_id": "m",
            "delivery_mode": 2,
            "timestamp": self.NOON,
            "headers": {"a": 1},
        }
        assert self.sent(properties, **properties)
        assert self.sent({})

    def test_another_body(self) -> None:
        assert not self.sent({}, bodies=(b"task", b"tas"))
        assert not self.sent({}, bodies=(b"task", b""))

    def test_from_another_place(self) -> None:
        script = Script().client(commands.Basic.Publish(0, "", "letters"), body=b"task").deliver(1)
        verdict = arrived_whole(script.ledger.publications[0], script.ledger.deliveries[0])
        assert not verdict
        assert (verdict.expected, verdict.seen) == ("routing_key 'letters'", "routing_key 'task_queue'")

    def test_it_says_where_a_body_differs(self) -> None:
        script = published(Task("k1 sort mail", "k1", 0)).deliver(1, b"k1 sort snail")
        verdict = arrived_whole(script.ledger.publications[0], script.ledger.deliveries[0])
        assert not verdict
        assert "12 bytes, b'mail' from byte 8 on" in verdict.expected
        assert "13 bytes, b'snail' from byte 8 on" in verdict.seen

    @pytest.mark.parametrize("came", [{"message_id": "n"}, {}, {"message_id": "m", "priority": 1}])
    def test_other_properties(self, came: dict[str, Any]) -> None:
        assert not self.sent(came, message_id="m")

    @pytest.mark.parametrize("given", [None, {}])
    def test_a_broker_may_add_headers(self, given: dict[str, Any] | None) -> None:
        assert self.sent({"headers": {"x-stream-offset": 1}}, headers=given)
        assert self.sent({"headers": {"a": 1, "x-stream-offset": 1}}, headers={"a": 1})

    @pytest.mark.parametrize("came", [None, {}, {"b": 1}, {"a": 2}])
    def test_a_broker_may_not_lose_headers(self, came: dict[str, Any] | None) -> None:
        assert not self.sent({"headers": came}, headers={"a": 1})

    def test_a_timestamp_is_the_same_in_every_time_zone(self) -> None:
        there = self.NOON.astimezone(timezone(timedelta(hours=5)))
        assert self.sent({"timestamp": there}, timestamp=self.NOON)
        assert not self.sent({"timestamp": self.NOON + timedelta(hours=5)}, timestamp=self.NOON)


class TestRefusedConnections:
    @pytest.mark.parametrize(
        ("close", "holds"),
        [
            (commands.Connection.Close(504, "CHANNEL_ERROR - second 'channel.open' seen", 0, 0), True),
            (commands.Connection.Close(501, "FRAME_ERROR - second 'channel.open' seen", 0, 0), False),
            (commands.Connection.Close(505, "UNEXPECTED - second 'channel.open' seen", 0, 0), False),
            (commands.Connection.Close(504, "CHANNEL_ERROR - second 'channel.flow' seen", 0, 0), False),
            (commands.Channel.Close(504, "CHANNEL_ERROR - second 'channel.open' seen", 0, 0), False),
        ],
    )
    def test_the_whole_connection(
        self, close: commands.Connection.Close | commands.Channel.Close, holds: bool
    ) -> None:
        (closed,) = Script().broker(close).ledger.closed
        assert bool(connection_refused_for(closed, 504, "channel.open", "channel.open")) is holds


class TestGivingUp:
    @pytest.mark.parametrize(
        ("deaths", "holds"),
        [
            ([DEATH], True),
            ([DEATH, {**DEATH, "reason": "expired"}], True),
            ([{**DEATH, "reason": "expired"}, DEATH], False),
            ([{**DEATH, "queue": "parcels"}], False),
            ([{**DEATH, "queue": "cards"}], False),
            ([{}], False),
            ([], False),
        ],
    )
    def test_dead_lettered(self, deaths: list[dict[str, Any]], holds: bool) -> None:
        (letter,) = with_headers({"x-death": deaths})
        assert bool(dead_lettered(letter, "letters", "rejected")) is holds

    def test_without_headers_it_is_not_dead_lettered(self) -> None:
        (letter,) = with_headers({})
        assert headers(letter) == {}
        assert not dead_lettered(letter, "letters", "rejected")

    def test_delivered_times(self) -> None:
        assert delivered_times(with_headers({}, {}), 2)
        assert not delivered_times(with_headers({}, {}, {}), 2)
        assert not delivered_times([], 2)

    @pytest.mark.parametrize(
        ("counts", "holds"),
        [
            ([None, 1, 2], True),
            ([0, 1, 2], False),
            ([None, 1, 1], False),
            ([None, None, 2], False),
            ([None, None, None], False),
            ([None], False),
            ([], False),
        ],
    )
    def test_counted(self, counts: list[int | None], holds: bool) -> None:
        deliveries = with_headers(*({} if each is None else {"x-count": each} for each in counts))
        assert bool(counts_deliveries(deliveries, "x-count", counts=True)) is holds

    def test_not_counted(self) -> None:
        assert counts_deliveries(with_headers({}, {"x-other": 1}), "x-count", counts=False)
        assert not counts_deliveries(with_headers({}, {"x-count": 1}), "x-count", counts=False)
        assert not counts_deliveries([], "x-count", counts=False)


class TestKeeping:
    @pytest.mark.parametrize(
        ("came", "expected", "holds"),
        [
            (TASKS[0], TASKS[0], True),
            (TASKS[1], TASKS[0], False),
            (None, TASKS[0], False),
            (TASKS[0], None, False),
            (None, None, True),
        ],
    )
    def test_fetched(self, came: Task | None, expected: Task | None, holds: bool) -> None:
        delivery = Script().deliver(1, came.body).ledger.deliveries[0] if came else None
        assert bool(fetched(delivery, expected)) is holds

    def test_never_delivered(self) -> None:
        assert never_delivered(delivered([3]), TASKS[:2])
        assert never_delivered(NOTHING, TASKS)
        assert not never_delivered(delivered([3, 2]), TASKS[:2])

    def test_no_tasks_are_not_judged(self) -> None:
        assert not never_delivered(NOTHING, [])

    def test_is_gone(self) -> None:
        assert is_gone("letters", None)
        assert not is_gone("letters", Counts(0, 0))

    @pytest.mark.parametrize(
        ("counts", "holds"),
        [(Counts(2, 0), True), (Counts(1, 0), False), (Counts(3, 0), False), (None, False)],
    )
    def test_still_holds(self, counts: Counts | None, holds: bool) -> None:
        assert bool(still_holds("letters", counts, ready=2)) is holds

    def test_an_empty_queue_is_there_and_a_lost_one_is_not(self) -> None:
        assert still_holds("letters", Counts(0, 0), ready=0)
        assert not still_holds("letters", None, ready=0)


class TestLimits:
    ONE = (("worker 1", 1, 1), "consumer")
    OTHER = (("worker 1", 1, 2), "consumer")

    @staticmethod
    def held(*channels: int) -> Script:
        script = Script()
        for tag, channel in enumerate(channels, 1):
            script.deliver(tag, channel=channel)
        return script

    @pytest.mark.parametrize(
        ("channels", "holds"),
        [([1, 2, 2], True), ([2, 1, 2], True), ([1, 2], False), ([1, 1, 2], False), ([], False)],
    )
    def test_each_holds_its_limit(self, channels: list[int], holds: bool) -> None:
        deliveries = self.held(*channels).ledger.deliveries
        assert bool(each_holds({self.ONE: 1, self.OTHER: 2}, deliveries)) is holds

    def test_what_was_settled_is_not_held(self) -> None:
        deliveries = self.held(1, 1).ack(1).ledger.deliveries
        assert each_holds({self.ONE: 1}, deliveries)
        assert not each_holds({self.ONE: 2}, deliveries)

    def test_together(self) -> None:
        assert together_hold(3, self.held(1, 2, 2).ledger.deliveries)
        assert not together_hold(3, self.held(1, 1, 1, 2).ledger.deliveries)
        assert not together_hold(3, self.held(1, 2, 2).ack(1).ledger.deliveries)
        assert not together_hold(3, [])


class TestOrder:
    @given(st.permutations(range(1, 6)))
    def test_only_one_order_is_right(self, order: list[int]) -> None:
        assert bool(in_order(delivered(order), TASKS)) is (order == [1, 2, 3, 4, 5])

    @pytest.mark.parametrize("order", [[], [1, 2, 3, 4], [1, 1, 2, 3, 4, 5], [2, 3, 4, 5]])
    def test_all_of_them_once(self, order: list[int]) -> None:
        assert not in_order(delivered(order), TASKS)

    def test_other_messages_do_not_count(self) -> None:
        assert in_order(delivered([4, 1, 5, 2]), TASKS[:2])


class TestPlace:
    @staticmethod
    def back(place: Place, order: list[int]) -> bool:
        """Whether this order of deliveries is right for five messages, the first two of which were requeued."""
        return bool(requeued_to(place, delivered(order), TASKS[:2], TASKS[2:]))

    @given(st.permutations(range(1, 6)))
    def test_the_place_decides(self, order: list[int]) -> None:
        in_row = [number for number in order if number > 2] == [3, 4, 5]
        assert self.back(Place.OLD, order) is (order == [1, 2, 3, 4, 5])
        assert self.back(Place.FRONT, order) is (in_row and {*order[:2]} == {1, 2})
        assert self.back(Place.TAIL, order) is (in_row and {*order[3:]} == {1, 2})

    @pytest.mark.parametrize("place", Place)
    @pytest.mark.parametrize(
        "order", [[], [1, 2], [3, 4, 5], [1, 2, 3, 4], [1, 3, 4, 5], [1, 1, 2, 3, 4, 5], [3, 4, 5, 1, 2, 2]]
    )
    def test_all_of_them_once(self, place: Place, order: list[int]) -> None:
        assert not self.back(place, order)


class TestMarks:
    @pytest.mark.parametrize("redelivered", [True, False])
    def test_a_mark_says_which(self, redelivered: bool) -> None:
        (delivery,) = Script().deliver(1, redelivered=redelivered).ledger.deliveries
        assert bool(marked_redelivered(delivery)) is redelivered
        assert bool(marked_new(delivery)) is not redelivered
