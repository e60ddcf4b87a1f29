"""The verdicts over workers: how they keep and lose connections, fail, end, and share with other workers."""

from typing import Any

import pytest
from pamqp import commands

from workqueue_spec.judgement.history import Event
from workqueue_spec.judgement.ledger import Delivery, Ledger
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts.connecting import (
    SLACK,
    connection_attempts,
    done_once,
    keeps_connections,
    noticed_silence,
    reconnected,
    same_on_every_connection,
)
from workqueue_spec.judgement.verdicts.failing import (
    MOST_ATTEMPTS,
    counted_by_the_broker,
    leaves_a_trace,
    no_longer_held,
    not_acknowledged_though_failed,
    not_acknowledged_though_killed,
    retried_within_bounds,
)
from workqueue_spec.judgement.verdicts.leaving import (
    PROMPTLY,
    ended_as_a_failure,
    ended_with_success,
    gone_promptly,
    left_after_its_work,
    left_promptly,
    takes_no_other_task,
)
from workqueue_spec.judgement.verdicts.protocol import (
    announces_capabilities,
    held_by_different_workers,
    not_exclusive,
    only_pushed,
    publishes_on_another_connection,
    removed_nothing,
    well_formed,
)
from workqueue_spec.judgement.verdicts.settlement import names_no_old_tag, names_no_old_tag_so_far

from .wire import Script

NOTHING = Script().ledger
FAILING = Task("k1 error", "k1", 0)
GOOD = Task("k2 sort", "k2", 0)
USUAL = [" [x] Received k2 sort", " [x] Done in 0.013 s"]
BOTH = {"consumer_cancel_notify": True, "connection.blocked": True}


def fetched(*, no_ack: bool = False) -> Script:
    """A worker that polls with `basic.get`."""
    script = Script().client(commands.Basic.Get(0, "task_queue", no_ack=no_ack))
    return script.broker(commands.Basic.GetOk(1, False, "", "task_queue", 0), body=FAILING.body)


def consumes(script: Script, *, connection: int = 1, **flags: Any) -> Script:
    """A subscription, and the broker's consume-ok."""
    script.client(commands.Basic.Consume(0, "task_queue", "consumer", **flags), connection=connection)
    return script.broker(commands.Basic.ConsumeOk("consumer"), connection=connection)


class TestDoneOnce:
    def test_once(self) -> None:
        assert done_once(Script().deliver(1).ack(1).ledger.deliveries)

    def test_twice(self) -> None:
        assert not done_once(Script().deliver(1).ack(1).deliver(2).ack(2).ledger.deliveries)
        assert not done_once(Script().deliver(1).ack(1).deliver(2).ledger.deliveries)

    def test_never(self) -> None:
        assert not done_once([])

    def test_not_acknowledged(self) -> None:
        script = Script().deliver(1)
        assert not done_once(script.ledger.deliveries)
        assert not done_once(script.client(commands.Basic.Reject(1, False)).ledger.deliveries)
        assert not done_once(fetched(no_ack=True).ledger.deliveries)

    def test_on_a_lost_connection(self) -> None:
        script = Script().deliver(1).tap("Tap.Disconnected").deliver(1, connection=2).ack(1, connection=2)
        verdict = done_once(script.ledger.deliveries)
        assert not verdict
        assert "lost its channel or connection 1.0 s into the task" in verdict.seen


class TestKeepsConnections:
    def test_it_is_open_still(self) -> None:
        script = Script().deliver(1).ack(1)
        assert keeps_connections(script.ledger, script.events, script.now)

    def test_it_was_lost(self) -> None:
        script = Script().deliver(1).ack(1)
        since = script.now
        verdict = keeps_connections(script.tap("Tap.Disconnected").ledger, script.events, since)
        assert not verdict
        assert "worker 1" in verdict.seen
        assert "after 1.0 s" in verdict.seen

    def test_another_of_them_was_lost(self) -> None:
        script = Script().deliver(1).ack(1).deliver(1, who="worker 2").ack(1, who="worker 2")
        since = script.now
        script.tap("Tap.Disconnected", who="worker 2")
        assert not keeps_connections(script.ledger, script.events, since)

    def test_the_broker_closed_it(self) -> None:
        script = Script().deliver(1).ack(1)
        since = script.now
        script.broker(commands.Connection.Close(320, "", 0, 0)).tap("Tap.Disconnected")
        assert not keeps_connections(script.ledger, script.events, since)

    def test_the_client_closed_it(self) -> None:
        script = Script().deliver(1).ack(1)
        since = script.now
        script.client(commands.Connection.Close(200, "", 0, 0)).tap("Tap.Disconnected")
        assert keeps_connections(script.ledger, script.events, since)

    def test_what_was_before_does_not_count(self) -> None:
        script = Script().deliver(1).ack(1).tap("Tap.Disconnected").deliver(1, connection=2)
        assert keeps_connections(script.ledger, script.events, script.now)

    def test_a_connection_without_tasks_does_not_count(self) -> None:
        script = Script().deliver(1).ack(1)
        since = script.now
        script.tap("Tap.Disconnected", connection=2)
        assert keeps_connections(script.ledger, script.events, since)

    def test_none_brought_a_task(self) -> None:
        assert not keeps_connections(Script().ledger, [], 0.0)


class TestComingBack:
    def test_attempts_count_until_the_broker_accepts(self) -> None:
        happened = ["Tap.Connected", "Tap.Refused", "started", "Tap.Connected", "Connection.OpenOk"]
        events = [Event(float(at), "worker 1", what) for at, what in enumerate([*happened, "Tap.Connected"])]
        assert connection_attempts(events, "worker 1", after=0.0) == [1.0, 3.0]

    def test_anothers_attempts_are_not_its_own(self) -> None:
        for other in ("worker 0", "worker 2"):
            others = [Event(1.0, other, "Tap.Connected"), Event(2.0, other, "Connection.OpenOk")]
            mine = Event(3.0, "worker 1", "Tap.Refused")
            assert connection_attempts([*others, mine], "worker 1", after=0.0) == [3.0]

    def test_what_was_before_is_no_attempt_to_come_back(self) -> None:
        events = [Event(float(at), "worker 1", "Tap.Connected") for at in range(4)]
        assert connection_attempts(events, "worker 1", after=1.0) == [2.0, 3.0]

    def test_no_attempt(self) -> None:
        assert connection_attempts([], "worker 1", after=0.0) == []

    @pytest.mark.parametrize("back", [True, False])
    def test_it_came_back_or_not(self, back: bool) -> None:
        assert bool(reconnected(back, "worker 1")) is back


class TestAsAtFirst:
    @staticmethod
    def declares(script: Script, **flags: Any) -> Script:
        return script.client(commands.Queue.Declare(0, "task_queue", **flags))

    def test_the_same_again(self) -> None:
        script = Script()
        for connection in (1, 2):
            consumes(self.declares(script, durable=True), connection=connection)
        assert same_on_every_connection(script.ledger, "task_queue")

    @pytest.mark.parametrize(
        "flags", [{"durable": False}, {"durable": True, "arguments": {"x-max-length": 1}}]
    )
    def test_declared_otherwise(self, flags: dict[str, Any]) -> None:
        script = consumes(self.declares(self.declares(Script(), durable=True), **flags))
        assert not same_on_every_connection(script.ledger, "task_queue")

    def test_a_passive_declaration_does_not_count(self) -> None:
        script = self.declares(self.declares(Script(), durable=True), passive=True)
        assert same_on_every_connection(script.ledger, "task_queue")

    @pytest.mark.parametrize("flags", [{"no_ack": True}, {"exclusive": True}])
    def test_consumed_otherwise(self, flags: dict[str, Any]) -> None:
        assert not same_on_every_connection(
            consumes(consumes(Script()), connection=2, **flags).ledger, "task_queue"
        )

    @pytest.mark.parametrize(("later", "holds"), [(60, True), (0, False)])
    def test_heartbeats(self, later: int, holds: bool) -> None:
        script = Script()
        for connection, heartbeat in ((1, 60), (2, later), (3, 5)):
            script.client(commands.Connection.StartOk({}), connection=connection)
            script.client(commands.Connection.TuneOk(0, 0, heartbeat), connection=connection)
        for connection in (1, 2):  # the third takes no tasks
            consumes(script, connection=connection).deliver(1, connection=connection)
        assert bool(same_on_every_connection(script.ledger, "task_queue")) is holds

    def test_other_queues_do_not_matter(self) -> None:
        for queue in ("replies", "work"):
            script = self.declares(Script(), durable=True).client(commands.Queue.Declare(0, queue))
            script.client(commands.Basic.Consume(0, queue, "", no_ack=True, nowait=True))
            assert same_on_every_connection(consumes(script).ledger, "task_queue")

    def test_one_that_only_subscribes(self) -> None:
        assert same_on_every_connection(consumes(Script()).ledger, "task_queue")

    def test_one_that_polls_asks_for_tasks_too(self) -> None:
        assert same_on_every_connection(fetched().ledger, "task_queue")

    def test_nothing_asked_for(self) -> None:
        assert not same_on_every_connection(NOTHING, "task_queue")


class TestOldTags:
    @staticmethod
    def cut_off(tag: int) -> Script:
        """A worker that has reconnected after +3 s, holds tag 1 there, and acknowledges this tag."""
        script = Script().deliver(5).ack(5).tap("Tap.Cut")
        return script.deliver(1, connection=2).ack(tag, connection=2).ack(1, connection=2)

    def test_a_tag_of_the_new_channel(self) -> None:
        assert names_no_old_tag(self.cut_off(1).ledger, since=3)

    def test_a_tag_of_an_old_channel(self) -> None:
        verdict = names_no_old_tag(self.cut_off(6).ledger, since=3)
        assert not verdict
        assert "tag 6, which was never delivered on this channel" in verdict.seen

    def test_a_wrong_tag_before_does_not_count(self) -> None:
        assert names_no_old_tag(self.cut_off(6).ledger, since=5.5)

    def test_nothing_settled_since(self) -> None:
        assert not names_no_old_tag(Script().deliver(1).ack(1).ledger, since=2)
        assert not names_no_old_tag(Script().deliver(1).ack(1).ledger, since=3)

    def test_so_far(self) -> None:
        assert names_no_old_tag_so_far(Script().deliver(1).ledger, since=0)
        assert not names_no_old_tag_so_far(self.cut_off(6).ledger, since=3)


class TestSilence:
    @pytest.mark.parametrize(
        ("ended", "holds"),
        [
            ([3.0], True),
            ([2.0 + 3 + SLACK], True),
            ([2.1 + 3 + SLACK], False),
            ([3.0, 40.0], False),
            ([3.0, None], False),
            ([], False),
        ],
    )
    def test_closed_in_time(self, ended: list[float | None], holds: bool) -> None:
        assert bool(noticed_silence(ended, silent_at=2.0, heartbeat=1)) is holds

    def test_without_heartbeats_it_does_not_hold(self) -> None:
        without = noticed_silence([3.0], silent_at=2.0, heartbeat=0)
        assert not without
        assert "heartbeats of 0 s" not in without.expected


class TestLettingGo:
    @pytest.mark.parametrize(
        ("script", "holds"),
        [
            (Script().deliver(1).ack(1), True),
            (Script().deliver(1).tap("Tap.Cut"), True),
            (fetched(no_ack=True), True),
            (Script().deliver(1), False),
            (Script().deliver(1).ack(1).deliver(2), False),
            (Script(), False),
        ],
    )
    def test_no_longer_held(self, script: Script, holds: bool) -> None:
        assert bool(no_longer_held(script.ledger.deliveries)) is holds


class TestFailedTasks:
    @staticmethod
    def judged(script: Script) -> bool:
        book = script.ledger
        return bool(not_acknowledged_though_failed(book.deliveries, book.publications, FAILING))

    @staticmethod
    def hands_on(script: Script, task: Task = FAILING) -> Script:
        return script.client(commands.Basic.Publish(0, "", "failed"), body=task.body)

    def test_rejected(self) -> None:
        assert self.judged(Script().deliver(1, FAILING.body).client(commands.Basic.Reject(1, False)))

    def test_acknowledged(self) -> None:
        assert not self.judged(Script().deliver(1, FAILING.body).ack(1))

    def test_acknowledged_when_it_came_again(self) -> None:
        script = Script().deliver(1, FAILING.body).client(commands.Basic.Nack(1))
        assert not self.judged(script.deliver(2, FAILING.body).ack(2))

    def test_handed_on_before(self) -> None:
        assert self.judged(self.hands_on(Script().deliver(1, FAILING.body)).ack(1))

    def test_handed_on_too_late(self) -> None:
        assert not self.judged(self.hands_on(Script().deliver(1, FAILING.body).ack(1)))

    def test_that_it_was_sent_at_first_does_not_count(self) -> None:
        assert not self.judged(self.hands_on(Script()).deliver(1, FAILING.body).ack(1))

    def test_another_task_handed_on(self) -> None:
        assert not self.judged(self.hands_on(Script().deliver(1, FAILING.body), GOOD).ack(1))

    def test_no_ack_mode_acknowledges_all(self) -> None:
        assert not self.judged(fetched(no_ack=True))

    def test_never_delivered(self) -> None:
        assert not self.judged(Script())


class TestKilledTasks:
    @staticmethod
    def judged(script: Script) -> bool:
        book = script.ledger
        return bool(not_acknowledged_though_killed(book.deliveries, book.publications, GOOD))

    def test_held_given_back_or_rejected(self) -> None:
        assert self.judged(Script().deliver(1, GOOD.body))
        assert self.judged(Script().deliver(1, GOOD.body).tap("Tap.Cut"))
        assert self.judged(Script().deliver(1, GOOD.body).client(commands.Basic.Reject(1, False)))

    def test_acknowledged(self) -> None:
        assert not self.judged(Script().deliver(1, GOOD.body).ack(1))

    def test_handed_on_before(self) -> None:
        copy = commands.Basic.Publish(0, "", "failed")
        assert self.judged(Script().deliver(1, GOOD.body).client(copy, body=GOOD.body).ack(1))

    def test_never_delivered(self) -> None:
        assert not self.judged(Script())


class TestRetries:
    @staticmethod
    def tried(times: int, every: float) -> list[Delivery]:
        script = Script()
        for tag in range(1, times + 1):
            script.deliver(tag, after=every)
        return script.ledger.deliveries

    @pytest.mark.parametrize(
        ("times", "every", "holds"),
        [
            (1, 1.0, True),
            (MOST_ATTEMPTS, 1.0, True),
            (MOST_ATTEMPTS + 1, 1.0, False),
            (20, 0.125, True),
            (20, 0.0625, False),
            (0, 1.0, False),
        ],
    )
    def test_within_bounds(self, times: int, every: float, holds: bool) -> None:
        assert bool(retried_within_bounds(self.tried(times, every))) is holds

    @staticmethod
    def with_headers(*each: dict[str, Any] | None) -> list[Delivery]:
        script = Script()
        for tag, headers in enumerate(each, 1):
            script.deliver(tag, properties=commands.Basic.Properties(headers=headers))
        return script.ledger.deliveries

    @pytest.mark.parametrize(
        "headers",
        [{"x-delivery-count": 1}, {"x-death": [{"count": 1}]}, {"x-delivery-count": 1, "x-tries": 7}],
    )
    def test_counted(self, headers: dict[str, Any]) -> None:
        assert counted_by_the_broker(self.with_headers(None, headers))

    @pytest.mark.parametrize(
        "headers",
        [None, {}, {"x-tries": 1}, {"x-delivery-count": 0}, {"x-delivery-count": "1"}, {"x-death": []}],
    )
    def test_not_counted(self, headers: dict[str, Any] | None) -> None:
        assert not counted_by_the_broker(self.with_headers(None, {"x-delivery-count": 1}, headers))
        assert not counted_by_the_broker(self.with_headers(None, headers, {"x-delivery-count": 2}))

    def test_never_tried_again(self) -> None:
        assert not counted_by_the_broker(self.with_headers({"x-delivery-count": 1}))
        assert not counted_by_the_broker([])


class TestTrace:
    def judged(self, script: Script, said: list[str], *, queue: str | None = None) -> bool:
        deliveries = script.ledger.deliveries
        return bool(leaves_a_trace(deliveries, queue, said, USUAL, [GOOD, FAILING]))

    @staticmethod
    def discarded() -> Script:
        return Script().deliver(1, FAILING.body).client(commands.Basic.Reject(1, False))

    def test_on_a_queue(self) -> None:
        assert self.judged(self.discarded(), [], queue="failed")

    def test_still_held(self) -> None:
        assert self.judged(Script().deliver(1, FAILING.body), [])

    def test_the_last_delivery_counts(self) -> None:
        again = Script().deliver(1, FAILING.body).client(commands.Basic.Nack(1)).deliver(2, FAILING.body)
        assert self.judged(again, [])
        assert not self.judged(again.client(commands.Basic.Reject(2, False)), [])

    @pytest.mark.parametrize("line", ["k1 error: gave up", "Traceback (most recent call last):", " [!] k1"])
    def test_in_the_output(self, line: str) -> None:
        assert self.judged(self.discarded(), [" [x] Received k1 error", line])

    @pytest.mark.parametrize(
        "said",
        [
            [],
            [" [x] Received k1 error"],
            [" [x] Received k1 error", " [x] Done in 1.5e-05 s"],
            ["[x] Done in 7 s  "],
            [" [x] Received k1 error", ""],
            ["   "],
        ],
    )
    def test_no_more_output_than_usual(self, said: list[str]) -> None:
        assert not self.judged(self.discarded(), said)

    def test_taken_in_no_ack_mode_it_is_gone(self) -> None:
        assert not self.judged(fetched(no_ack=True), [" [x] Received k1 error"])

    def test_never_delivered(self) -> None:
        assert not self.judged(Script(), ["a word"], queue="failed")


class TestLeaving:
    @pytest.mark.parametrize(
        ("status", "seconds", "holds"),
        [(0, 0.1, True), (0, PROMPTLY, True), (0, PROMPTLY + 0.1, False), (1, 0.1, False), (-15, 0.1, False)],
    )
    def test_promptly(self, status: int, seconds: float, holds: bool) -> None:
        assert bool(left_promptly(status, seconds)) is holds

    @pytest.mark.parametrize(("seconds", "holds"), [(0.1, True), (PROMPTLY, True), (PROMPTLY + 0.1, False)])
    def test_promptly_in_whatever_way(self, seconds: float, holds: bool) -> None:
        assert bool(gone_promptly(seconds)) is holds
        assert gone_promptly(seconds, PROMPTLY + 1)

    @pytest.mark.parametrize(
        ("status", "after", "holds"),
        [(0, 0.6, True), (0, 0.495, True), (0, 0.3, False), (1, 0.6, False), (-15, 0.6, False)],
    )
    def test_after_its_work(self, status: int, after: float, holds: bool) -> None:
        delivery = Script().deliver(1).ack(1, after=after).ledger.deliveries[0]
        assert bool(left_after_its_work(status, delivery, 0.5)) is holds

    @pytest.mark.parametrize(
        "script",
        [Script().deliver(1), Script().deliver(1).client(commands.Basic.Nack(1)), fetched(no_ack=True)],
    )
    def test_without_an_acknowledgement_it_does_not_hold(self, script: Script) -> None:
        assert not left_after_its_work(0, script.ledger.deliveries[0], 0.5)

    @pytest.mark.parametrize(
        ("script", "holds"),
        [
            (Script(), True),  # nothing need come after the signal
            (Script().deliver(1).tap("Tap.Disconnected"), True),
            (Script().deliver(1).client(commands.Basic.Nack(1, requeue=True)), True),
            (Script().deliver(1).client(commands.Basic.Nack(1, requeue=False)), False),
            (Script().deliver(1).ack(1), False),
            (fetched(no_ack=True), False),
        ],
    )
    def test_untouched(self, script: Script, holds: bool) -> None:
        assert bool(takes_no_other_task(script.ledger.deliveries)) is holds

    @pytest.mark.parametrize(("status", "holds"), [(1, True), (-6, True), (0, False)])
    def test_as_a_failure(self, status: int, holds: bool) -> None:
        assert bool(ended_as_a_failure(status)) is holds

    def test_the_end_by_a_signal_is_named(self) -> None:
        assert "signal 15" in left_promptly(-15, 0.1).seen


class TestWellFormed:
    def test_no_error(self) -> None:
        script = Script().deliver(1).ack(1)
        assert well_formed(script.ledger, script.events)

    @pytest.mark.parametrize(
        ("text", "holds"), [("from the client: no AMQP", False), ("from the broker: x", True)]
    )
    def test_bytes_that_are_no_amqp(self, text: str, holds: bool) -> None:
        script = Script().deliver(1)
        events = [*script.events, Event(2.0, "worker 1", "Tap.Noted", text)]
        assert bool(well_formed(script.ledger, events)) is holds

    @pytest.mark.parametrize(
        ("code", "holds"), [(500, True), (501, False), (506, False), (507, True), (320, True), (530, True)]
    )
    def test_a_refusal_by_the_broker_counts(self, code: int, holds: bool) -> None:
        script = Script().deliver(1).broker(commands.Connection.Close(code, "why", 0, 0))
        assert bool(well_formed(script.ledger, script.events)) is holds

    @pytest.mark.parametrize(
        ("closes", "code", "holds"), [(1, 503, False), (2, 503, True), (2, 504, False), (2, 501, False)]
    )
    def test_an_answer_to_a_second_close_is_well_formed(self, closes: int, code: int, holds: bool) -> None:
        script = Script([Event(0.0, "worker 1", "started")]).deliver(1)
        for _ in range(closes):
            script.broker(commands.Channel.Close(406, "timed out", 0, 0))
            script.client(commands.Channel.CloseOk()).client(commands.Queue.Declare(0, "task_queue"))
        script.broker(commands.Connection.Close(code, "COMMAND_INVALID - unimplemented method", 0, 0))
        assert bool(well_formed(script.ledger, script.events)) is holds

    def test_a_channel_that_was_opened_anew_may_be_closed_again(self) -> None:
        script = Script().deliver(1)
        for _ in range(2):
            script.broker(commands.Channel.OpenOk()).broker(commands.Channel.Close(406, "no", 0, 0))
        script.broker(commands.Connection.Close(503, "COMMAND_INVALID", 0, 0))
        assert not well_formed(script.ledger, script.events)

    @pytest.mark.parametrize("who", ["worker 0", "worker 2"])
    def test_a_second_close_for_another_client_does_not_count(self, who: str) -> None:
        script = Script().deliver(1)
        for _ in range(2):
            script.broker(commands.Channel.Close(406, "timed out", 0, 0), who=who)
        script.broker(commands.Connection.Close(503, "COMMAND_INVALID", 0, 0))
        assert not well_formed(script.ledger, script.events)

    def test_a_second_close_afterwards_does_not_count(self) -> None:
        script = Script().deliver(1).broker(commands.Connection.Close(503, "COMMAND_INVALID", 0, 0))
        for _ in range(2):
            script.broker(commands.Channel.Close(406, "timed out", 0, 0))
        assert not well_formed(script.ledger, script.events)

    def test_a_close_by_the_client_is_not_its_error(self) -> None:
        script = Script().deliver(1).client(commands.Connection.Close(501, "FRAME_ERROR", 0, 0))
        assert well_formed(script.ledger, script.events)

    def test_output_of_a_program_is_not_what_it_sent(self) -> None:
        said = Event(2.0, "worker 1", "output", "from the client: a task")
        assert well_formed(Script().deliver(1).ledger, [said])

    def test_nothing_was_sent(self) -> None:
        assert not well_formed(NOTHING, [])


class TestSharing:
    def test_shared(self) -> None:
        assert not_exclusive(consumes(Script()).ledger)
        assert not_exclusive(fetched().ledger)

    def test_exclusive(self) -> None:
        assert not not_exclusive(consumes(Script(), exclusive=True).ledger)

    @pytest.mark.parametrize("code", [403, 405])
    def test_the_others_are_refused(self, code: int) -> None:
        script = consumes(Script()).broker(commands.Channel.Close(code, "in exclusive use", 0, 0))
        assert not not_exclusive(script.ledger)

    def test_any_other_end_is_no_refusal(self) -> None:
        script = consumes(Script()).broker(commands.Connection.Close(320, "CONNECTION_FORCED", 0, 0))
        assert not_exclusive(script.client(commands.Channel.Close(403, "", 0, 0)).ledger)

    def test_nobody_consumes(self) -> None:
        assert not not_exclusive(NOTHING)

    @pytest.mark.parametrize(
        ("names", "holds"),
        [("ab", True), ("abc", True), ("aa", False), ("aba", False), ("a", False), ("", False)],
    )
    def test_by_different_ones(self, names: str, holds: bool) -> None:
        script = Script()
        for tag, name in enumerate(names, 1):
            script.deliver(tag, who=name)
        assert bool(held_by_different_workers(script.ledger.deliveries)) is holds


class TestPushed:
    def test_to_a_subscription(self) -> None:
        assert only_pushed(consumes(Script()).deliver(1).ledger)

    def test_fetched(self) -> None:
        assert not only_pushed(fetched().ledger)

    def test_fetched_from_an_empty_queue(self) -> None:
        script = consumes(Script()).deliver(1).client(commands.Basic.Get(0, "task_queue"))
        assert not only_pushed(script.broker(commands.Basic.GetEmpty()).ledger)

    def test_nothing_came(self) -> None:
        assert not only_pushed(consumes(Script()).ledger)


class TestAnnouncements:
    @staticmethod
    def greeting(capabilities: dict[str, Any], connection: int = 1, script: Script | None = None) -> Script:
        hello = commands.Connection.StartOk({"capabilities": capabilities})
        return (script or Script()).client(hello, connection=connection, channel=0)

    def test_both(self) -> None:
        assert announces_capabilities(consumes(self.greeting(BOTH)).ledger)

    @pytest.mark.parametrize(
        "capabilities", [{}, {"connection.blocked": True}, {**BOTH, "consumer_cancel_notify": False}]
    )
    def test_not_both(self, capabilities: dict[str, Any]) -> None:
        assert not announces_capabilities(consumes(self.greeting(capabilities)).ledger)

    def test_every_connection_that_takes_tasks(self) -> None:
        script = consumes(self.greeting({}, 2, consumes(self.greeting(BOTH))), connection=2)
        assert not announces_capabilities(script.ledger)

    def test_other_connections_do_not_matter(self) -> None:
        assert announces_capabilities(consumes(self.greeting({}, 2, self.greeting(BOTH))).ledger)

    def test_nothing_was_said(self) -> None:
        assert not announces_capabilities(NOTHING)
        assert not announces_capabilities(self.greeting(BOTH).ledger)
        assert not announces_capabilities(consumes(Script()).ledger)


class TestPublishingElsewhere:
    @staticmethod
    def publishes(script: Script, connection: int) -> Ledger:
        reply = commands.Basic.Publish(0, "", "replies")
        return script.client(reply, body=b"done", connection=connection).ledger

    def test_on_another_connection(self) -> None:
        assert publishes_on_another_connection(self.publishes(consumes(Script()), connection=2))

    def test_nothing_published_at_all(self) -> None:
        assert publishes_on_another_connection(consumes(Script()).ledger)

    def test_on_the_same_connection(self) -> None:
        assert not publishes_on_another_connection(self.publishes(consumes(Script()), connection=1))
        assert not publishes_on_another_connection(self.publishes(fetched(), connection=1))

    def test_it_takes_no_tasks(self) -> None:
        assert not publishes_on_another_connection(self.publishes(Script(), connection=1))
        assert not publishes_on_another_connection(NOTHING)


class TestRemovals:
    def test_nothing_removed(self) -> None:
        assert removed_nothing(Script().deliver(1).ledger, "task_queue")

    @pytest.mark.parametrize(
        ("method", "holds"),
        [
            (commands.Queue.Purge(0, "task_queue"), False),
            (commands.Queue.Delete(0, "task_queue"), False),
            (commands.Queue.Purge(0, ""), False),  # the one that it declared last
            (commands.Queue.Delete(0, "replies"), True),
        ],
    )
    def test_removed(self, method: commands.Queue.Purge | commands.Queue.Delete, holds: bool) -> None:
        assert bool(removed_nothing(Script().client(method).deliver(1).ledger, "task_queue")) is holds

    def test_at_its_start_there_is_a_subscription_to_judge_by(self) -> None:
        purge = Script().client(commands.Queue.Purge(0, "task_queue"))
        assert removed_nothing(consumes(Script()).ledger, "task_queue")
        assert not removed_nothing(consumes(purge).ledger, "task_queue")

    def test_nothing_done(self) -> None:
        assert not removed_nothing(NOTHING, "task_queue")


@pytest.mark.parametrize(("status", "holds"), [(0, True), (130, False), (-2, False), (1, False)])
def test_an_interrupted_worker_ends_with_status_0(status: int, holds: bool) -> None:
    verdict = ended_with_success(status)

    assert bool(verdict) is holds
    assert ("exec" in verdict.seen) == (status in (130, -2))
