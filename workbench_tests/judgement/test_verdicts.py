"""The verdicts: each holds if the promise is kept, fails if it is not, and never holds over an empty history."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands

from workqueue_spec.judgement.verdicts import Broken, Verdict, judge
from workqueue_spec.judgement.verdicts.declaring import declared_durable, nobody_refused, refused_for
from workqueue_spec.judgement.verdicts.dispatch import (
    by_consumer,
    holds_again,
    holds_at_most,
    overtaken,
    round_robin,
)
from workqueue_spec.judgement.verdicts.lifecycle import refusal_is_reported
from workqueue_spec.judgement.verdicts.publishing import exactly_one, persistent, published_to
from workqueue_spec.judgement.verdicts.settlement import (
    acknowledged_after,
    acknowledges_by_hand,
    all_settled,
    each_settled_once,
    never_acknowledged,
)
from workqueue_spec.judgement.verdicts.timing import by_dots, one_after_another

from .wire import Script


def test_judge_raises_if_the_verdict_does_not_hold() -> None:
    judge(Verdict(True, "a", "b"))
    with pytest.raises(Broken, match="expected a; seen: b"):
        judge(Verdict(False, "a", "b"))


def test_of_two_verdicts_the_first_broken_one_counts() -> None:
    good, bad = Verdict(True, "good", ""), Verdict(False, "bad", "")
    assert (good & bad).expected == "bad"
    assert (bad & good).expected == "bad"
    assert good & good


class TestPrefetch:
    def test_one_at_a_time(self) -> None:
        book = Script().deliver(1).ack(1).deliver(2).ack(2).ledger
        assert holds_at_most(1, book.deliveries)

    def test_two_at_once(self) -> None:
        verdict = holds_at_most(1, Script().deliver(1).deliver(2).ack(1).ledger.deliveries)
        assert not verdict
        assert "2 held by worker 1" in verdict.seen

    def test_what_the_broker_took_back_is_not_held(self) -> None:
        book = Script().deliver(1).tap("Tap.Cut").deliver(1, connection=2).ledger
        assert holds_at_most(1, book.deliveries)

    def test_over_two_connections_a_worker_holds_two(self) -> None:
        book = Script().deliver(1).deliver(1, connection=2).ledger
        assert not holds_at_most(1, book.deliveries)
        assert holds_at_most(1, book.deliveries, by_consumer)

    def test_what_is_settled_by_being_delivered_is_not_held(self) -> None:
        script = Script().client(commands.Basic.Consume(0, "task_queue", no_ack=True))
        script.broker(commands.Basic.ConsumeOk("consumer")).deliver(1).deliver(2).deliver(3)
        assert holds_at_most(1, script.ledger.deliveries)

    def test_as_many_are_held_again_at_some_time(self) -> None:
        book = Script().deliver(1).deliver(2).ack(1).ack(2).deliver(3).ledger
        assert holds_again(2, book.deliveries)
        assert not holds_again(3, book.deliveries)
        assert not holds_again(1, [])

    def test_a_settlement_at_the_same_time_comes_first(self) -> None:
        assert holds_at_most(1, Script().deliver(1).ack(1).deliver(2, after=0.0).ledger.deliveries)

    @given(st.lists(st.booleans(), max_size=40), st.integers(1, 4))
    def test_it_counts_as_a_client_would(self, steps: list[bool], limit: int) -> None:
        script, tag, held, most = Script(), 0, [], 0
        for deliver in steps:
            if deliver:
                tag += 1
                script.deliver(tag)
                held.append(tag)
            elif held:
                script.ack(held.pop(0))
            most = max(most, len(held))
        assert bool(holds_at_most(limit, script.ledger.deliveries)) == (most <= limit)


class TestRoundRobin:
    @staticmethod
    def served(order: list[int]) -> Verdict:
        script = Script()
        for tag, consumer in enumerate(order, 1):
            script.deliver(tag, channel=consumer)
        consumers = [(("worker 1", 1, channel), "consumer") for channel in (1, 2, 3)]
        return round_robin(script.ledger.deliveries, consumers)

    @pytest.mark.parametrize("order", [[1, 2, 3], [1, 2, 3, 1, 2], [2, 3, 1, 2, 3, 1], [3, 2, 1, 3]])
    def test_round_robin(self, order: list[int]) -> None:
        assert self.served(order)

    @pytest.mark.parametrize(
        "order", [[], [1, 1, 1], [1, 2, 1, 2], [1, 2, 3, 2, 1, 3], [1, 2], [1, 2, 3, 1, 1], [1, 2, 4]]
    )
    def test_out_of_turn(self, order: list[int]) -> None:
        assert not self.served(order)


class TestFairDispatch:
    def test_the_free_one_overtakes(self) -> None:
        book = Script().deliver(1, who="slow").deliver(1, who="quick").ack(1, who="quick").ledger
        slow, quick = book.deliveries
        assert overtaken(slow, [quick])

    def test_behind_the_slow_one(self) -> None:
        book = Script().deliver(1, who="slow").deliver(2, who="slow").ack(2, who="slow").ledger
        assert not overtaken(book.deliveries[0], book.deliveries[1:])

    def test_only_after_the_slow_one(self) -> None:
        script = (
            Script().deliver(1, who="slow").deliver(1, who="quick").ack(1, who="slow").ack(1, who="quick")
        )
        slow, quick = script.ledger.deliveries
        assert not overtaken(slow, [quick])

    def test_before_the_slow_one_was_done(self) -> None:
        script = Script().deliver(1, who="a").deliver(1, who="b").ack(1, who="b")
        slow, quick = script.ack(1, who="a").ledger.deliveries
        assert overtaken(slow, [quick])

    def test_never_done(self) -> None:
        slow, quick = Script().deliver(1, who="a").deliver(1, who="b").ack(1, who="a").ledger.deliveries
        assert not overtaken(slow, [quick])

    def test_nothing_overtook(self) -> None:
        slow = Script().deliver(1).ledger.deliveries[0]
        assert not overtaken(slow, [])


class TestSettlement:
    def test_by_hand(self) -> None:
        assert acknowledges_by_hand(Script().deliver(1).ledger)

    def test_nothing_seen_is_no_pass(self) -> None:
        empty = Script().ledger
        assert not acknowledges_by_hand(empty)
        assert not each_settled_once(empty)
        assert not all_settled(empty.deliveries)

    def test_no_ack(self) -> None:
        script = Script().client(commands.Basic.Get(0, "task_queue", no_ack=True))
        script.broker(commands.Basic.GetOk(1, False, "", "task_queue", 0), body=b"task")
        book = script.ledger
        assert not acknowledges_by_hand(book)
        assert not never_acknowledged(book.deliveries)
        assert not acknowledged_after(book.deliveries[0], 0.0)

    @pytest.mark.parametrize(("after", "holds"), [(0.1, False), (0.48, False), (0.495, True), (0.6, True)])
    def test_after_the_work(self, after: float, holds: bool) -> None:
        delivery = Script().deliver(1).ack(1, after=after).ledger.deliveries[0]
        assert bool(acknowledged_after(delivery, 0.5)) is holds

    def test_never_acknowledged(self) -> None:
        script = Script().deliver(1)
        assert never_acknowledged(script.ledger.deliveries)
        assert never_acknowledged(script.client(commands.Basic.Nack(1)).ledger.deliveries)
        assert not never_acknowledged(script.deliver(2).ack(2).ledger.deliveries)

    def test_never_acknowledged_is_not_after_the_work(self) -> None:
        assert not acknowledged_after(Script().deliver(1).ledger.deliveries[0], 0.1)

    def test_once_each(self) -> None:
        assert each_settled_once(Script().deliver(1).ack(1).deliver(2).ack(2, multiple=True).ledger)

    def test_twice(self) -> None:
        assert not each_settled_once(Script().deliver(1).ack(1).ack(1).ledger)

    def test_several_tasks_with_one_frame(self) -> None:
        assert not each_settled_once(Script().deliver(1).deliver(2).ack(2, multiple=True).ledger)

    def test_a_refusal_by_the_broker_counts(self) -> None:
        refusal = commands.Channel.Close(406, "PRECONDITION_FAILED - unknown delivery tag 7", 60, 80)
        assert not each_settled_once(Script().deliver(1).ack(1).broker(refusal).ledger)

    def test_all_settled(self) -> None:
        script = Script().deliver(1).deliver(2).ack(1)
        assert not all_settled(script.ledger.deliveries)
        assert all_settled(script.client(commands.Basic.Reject(2, False)).ledger.deliveries)


class TestPublishing:
    @staticmethod
    def published(
        mode: int | None, exchange: str = "", key: str = "task_queue", body: bytes = b"a task"
    ) -> Script:
        properties = commands.Basic.Properties(delivery_mode=mode)
        return Script().client(commands.Basic.Publish(0, exchange, key), body=body, properties=properties)

    @pytest.mark.parametrize(("mode", "holds"), [(2, True), (1, False), (None, False)])
    def test_persistent(self, mode: int | None, holds: bool) -> None:
        assert bool(persistent(self.published(mode).ledger.publications)) is holds

    def test_nothing_published_is_no_pass(self) -> None:
        assert not persistent([])
        assert not published_to([], "", "task_queue")
        assert not exactly_one([], "")

    def test_by_the_queues_name(self) -> None:
        assert published_to(self.published(2).ledger.publications, "", "task_queue")
        for key in ("tasks", "queue", ""):
            assert not published_to(self.published(2, key=key).ledger.publications, "", "task_queue")
        assert not published_to(self.published(2, exchange="x").ledger.publications, "", "task_queue")

    def test_exactly_one(self) -> None:
        one = self.published(2).ledger.publications
        assert exactly_one(one, "a task")
        assert not exactly_one(one, "another")
        assert not exactly_one(one * 2, "a task")


class TestDeclaring:
    @pytest.mark.parametrize(
        ("flags", "holds"),
        [
            ({"durable": True}, True),
            ({"durable": False}, False),
            ({"durable": True, "exclusive": True}, False),
            ({"durable": True, "auto_delete": True}, False),
            ({"passive": True}, True),
        ],
    )
    def test_durable(self, flags: dict[str, Any], holds: bool) -> None:
        book = Script().client(commands.Queue.Declare(0, "task_queue", **flags)).ledger
        assert bool(declared_durable(book.declarations, "task_queue")) is holds

    def test_other_queues_do_not_count(self) -> None:
        for queue in ("replies", "work"):
            book = Script().client(commands.Queue.Declare(0, queue, exclusive=True)).ledger
            assert declared_durable(book.declarations, "task_queue")

    def test_every_declaration_counts(self) -> None:
        script = Script().client(commands.Queue.Declare(0, "task_queue", passive=True))
        book = script.client(commands.Queue.Declare(0, "task_queue", durable=False)).ledger
        assert not declared_durable(book.declarations, "task_queue")

    def test_refusals(self) -> None:
        text = "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q'"
        closed = Script().broker(commands.Channel.Close(406, text, 50, 10)).ledger.closed
        assert refused_for(closed[0], 406, "queue.declare", "durable")
        assert refused_for(closed[0], 406, "queue.declare", "durable", "q")
        assert not refused_for(closed[0], 406, "queue.declare", "auto_delete")
        assert not refused_for(closed[0], 405, "queue.declare", "durable")
        assert not refused_for(closed[0], 407, "queue.declare", "durable")
        assert not refused_for(closed[0], 406, "queue.delete", "durable")
        assert not nobody_refused(closed)
        assert nobody_refused(Script().client(commands.Connection.Close(200, "bye", 0, 0)).ledger.closed)

    def test_a_closed_connection_is_not_a_closed_channel(self) -> None:
        closed = (
            Script().broker(commands.Connection.Close(406, "PRECONDITION_FAILED - x", 50, 10)).ledger.closed
        )
        assert not refused_for(closed[0], 406, "queue.declare", "x")

    @pytest.mark.parametrize("spelt", ["auto_delete", "autoDelete", "auto-delete", "Auto Delete"])
    @pytest.mark.parametrize("method", [(50, 10), (0, 0)])
    def test_a_broker_may_word_its_refusal_as_it_likes(self, spelt: str, method: tuple[int, int]) -> None:
        close = commands.Channel.Close(406, f"inequivalent {spelt} for letters", *method)
        (closed,) = Script().broker(close).ledger.closed
        assert refused_for(closed, 406, "queue.declare", "auto_delete")
        assert not refused_for(closed, 406, "queue.declare", "durable")

    def test_only_a_broker_refuses(self) -> None:
        close = commands.Channel.Close(406, "durable", 50, 10)
        assert not refused_for(Script().client(close).ledger.closed[0], 406, "queue.declare", "durable")

    def test_a_timeout_has_no_method(self) -> None:
        (closed,) = Script().broker(commands.Channel.Close(406, "acknowledgement", 0, 0)).ledger.closed
        assert refused_for(closed, 406, "", "acknowledgement")

    @pytest.mark.parametrize(
        ("status", "output", "holds"),
        [(1, "406", True), (1, "PRECONDITION_FAILED", True), (0, "406", False), (1, "oops", False)],
    )
    def test_a_refusal_is_reported(self, status: int, output: str, holds: bool) -> None:
        closed = Script().broker(commands.Channel.Close(406, "PRECONDITION_FAILED - x", 50, 10)).ledger.closed
        assert bool(refusal_is_reported(status, output, closed)) is holds

    def test_no_refusal_is_no_pass(self) -> None:
        assert not refusal_is_reported(1, "406", [])


class TestTiming:
    def test_by_dots(self) -> None:
        wordy, dotted = Script().deliver(1).ack(1, after=0.1).deliver(2).ack(2, after=1.0).ledger.deliveries
        assert by_dots(wordy, dotted, 1.0)
        assert not by_dots(dotted, wordy, 1.0)
        assert not by_dots(wordy, dotted, 2.0)
        assert not by_dots(dotted, dotted, 1.0)

    def test_a_long_text_that_takes_longer_than_the_dots(self) -> None:
        wordy, dotted = Script().deliver(1).ack(1, after=3.0).deliver(2).ack(2, after=1.0).ledger.deliveries
        assert not by_dots(wordy, dotted, 1.0)

    def test_dots_that_were_never_finished(self) -> None:
        wordy, dotted = Script().deliver(1).ack(1, after=0.1).deliver(2).ledger.deliveries
        assert not by_dots(wordy, dotted, 1.0)
        assert not by_dots(dotted, wordy, 0.1)

    def test_one_after_another(self) -> None:
        def holds(script: Script, work: float = 1.0) -> bool:
            deliveries = script.ledger.deliveries
            return bool(one_after_another(deliveries, [work] * len(deliveries)))

        at_once = Script().deliver(1).ack(1)
        for tag in (2, 3):
            at_once.deliver(tag, after=0.0).ack(tag, after=1.0)
        assert [holds(at_once, work) for work in (0.5, 1.0, 1.1)] == [True, True, False]
        assert holds(Script().deliver(1).ack(1).deliver(2).ack(2).deliver(3).ack(3))
        assert not holds(Script().deliver(1).deliver(2).ack(2).ack(1, after=0.1))
        assert not holds(Script().deliver(1).deliver(2).ack(1).ack(2, after=0.1))
        assert not holds(Script().deliver(1).deliver(2).ack(2))
        assert not holds(Script().deliver(1).ack(1).deliver(2).ack(2, after=9.0).deliver(3))
        assert not holds(Script().deliver(1).ack(1))

    def test_the_last_to_come_may_be_the_first_to_be_done(self) -> None:
        script = Script().deliver(1).deliver(2, after=0.0).ack(2, after=1.0).ack(1, after=2.0)
        assert one_after_another(script.ledger.deliveries, [2.0, 1.0])
        assert not one_after_another(script.ledger.deliveries, [2.1, 1.0])

    def test_a_slow_start_does_not_hide_tasks_done_side_by_side(self) -> None:
        script = Script().deliver(1).deliver(2, after=0.0).deliver(3, after=0.0).ack(1, after=9.0)
        script.ack(2, after=1.0).ack(3, after=0.0)
        assert not one_after_another(script.ledger.deliveries, [1.0, 1.0, 1.0])

    def test_no_tasks_are_no_pass(self) -> None:
        assert not one_after_another([], [])
