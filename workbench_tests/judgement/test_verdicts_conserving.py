"""What a storm has lost, made up, or finished once too often: both answers of each question."""

import pytest
from pamqp import commands

from workqueue_spec.judgement.event import Event
from workqueue_spec.judgement.storm import FaultText
from workqueue_spec.judgement.verdicts import Verdict
from workqueue_spec.judgement.verdicts.conserving import KEPT, Conservation

from .wire import Script

ONE, TWO = b"k00000001", b"k00000002"


class Storm(Script):
    """A script with the events of a storm. Every step takes a second unless it says otherwise."""

    def note(self, who: str, what: str, text: str = "") -> "Storm":
        """An event that did not come over the wire."""
        self.now += 0.001
        self.events.append(Event(self.now, who, what, text))
        return self

    def send(self, mark: bytes, seconds: float = 0.5) -> "Storm":
        """The suite sends a task, and the broker confirms it."""
        self.note("suite", "task", f"{mark.decode()} {seconds:.3f}")
        return self.note("suite", "sent", f"{mark.decode()}...")

    def listens(self, who: str = "worker 1", connection: int = 1) -> "Storm":
        """A worker consumes from the queue."""
        self.client(
            commands.Basic.Consume(queue="task_queue", consumer_tag="consumer"),
            who=who,
            connection=connection,
        )
        return self

    def asks(self, mark: bytes, who: str = "producer 1") -> "Storm":
        """A run of the producer is to send a task."""
        self.note("suite", "task", f"{mark.decode()} 0.500")
        self.note(who, "asked", mark.decode())
        self.client(commands.Confirm.Select(), who=who)
        return self

    def publish(self, mark: bytes, who: str = "producer 1", key: str = "task_queue") -> "Storm":
        """A run of the producer publishes."""
        self.client(commands.Basic.Publish(exchange="", routing_key=key), who=who, body=mark)
        return self

    def judged(self) -> Conservation:
        """All that a judge knows then."""
        judge = Conservation(["task_queue"], ("", "task_queue"), prefetch=1)
        for event in self.events:
            judge.read(event)
        return judge


def storm() -> Storm:
    """A storm with one worker that consumes."""
    return Storm().listens()


def finished(mark: bytes = ONE) -> Storm:
    """A storm in which a task was sent and finished."""
    made = storm().send(mark)
    made.deliver(1, mark).ack(1)
    return made


class TestNoneLost:
    def test_each_was_finished(self) -> None:
        made = finished()
        made.send(TWO).deliver(2, TWO).ack(2)
        assert made.judged().none_lost()

    def test_a_second_delivery_is_no_loss(self) -> None:
        made = storm().send(ONE)
        made.deliver(1, ONE).tap("Tap.Cut")
        made.listens(connection=2).deliver(1, ONE, connection=2, redelivered=True).ack(1, connection=2)
        assert made.judged().none_lost()

    def test_one_never_came(self) -> None:
        verdict = finished().send(TWO).judged().none_lost()
        assert not verdict
        assert "1 never finished: k00000002 (delivered 0 times)" in verdict.seen

    def test_one_was_not_worked_on(self) -> None:
        made = storm().send(ONE)
        made.deliver(1, ONE).ack(1, after=0.1)
        verdict = made.judged().none_lost()
        assert not verdict
        assert verdict.decided_by is not None
        assert verdict.decided_by.what == "Basic.Ack"

    @pytest.mark.parametrize(("who", "holds"), [("worker 1", True), ("worker 2", False)])
    def test_only_the_same_worker_may_recognise_a_task_after_a_lost_connection(
        self, who: str, holds: bool
    ) -> None:
        made = storm().send(ONE)
        made.deliver(1, ONE).tap("Tap.Cut")
        made.listens(who, 2).deliver(1, ONE, who=who, connection=2).ack(1, who=who, connection=2, after=0.1)
        assert bool(made.judged().none_lost()) is holds

    @pytest.mark.parametrize(
        ("message_id", "redelivered", "longer", "holds"),
        [
            ("id", True, 1.0, True),
            (None, True, 1.0, False),
            ("id", False, 1.0, False),
            ("id", True, 0.1, False),
        ],
    )
    def test_another_worker_may_recognise_it_by_its_id_if_somebody_has_had_it(
        self, message_id: str | None, redelivered: bool, longer: float, holds: bool
    ) -> None:
        made = storm().listens("worker 2").send(ONE)
        made.deliver(1, ONE)
        made.now += longer - 1.0
        made.tap("Tap.Cut")
        again = commands.Basic.Deliver("consumer", 1, redelivered, "", "task_queue")
        known = commands.Basic.Properties(message_id=message_id)
        made.broker(again, who="worker 2", body=ONE, properties=known).ack(1, who="worker 2", after=0.01)
        assert bool(made.judged().none_lost()) is holds

    def test_without_a_confirmed_task_it_does_not_hold(self) -> None:
        assert not storm().judged().none_lost()

    def test_a_task_of_another_queue_is_not_looked_at(self) -> None:
        made = Storm().send(ONE)
        made.client(commands.Basic.Consume(queue="other", consumer_tag="consumer")).deliver(1, ONE).ack(1)
        assert not made.judged().none_lost()


class TestWhatIsOwed:
    def test_a_confirmed_task_is(self) -> None:
        made = finished().asks(TWO).publish(TWO)
        made.broker(commands.Basic.Ack(1), who="producer 1")
        assert made.judged().lost == [TWO]

    def test_one_without_a_confirm_is_not_even_if_the_producer_says_so(self) -> None:
        made = finished().asks(TWO).publish(TWO).note("producer 1", "exited", "with status 0")
        assert made.judged().none_lost()

    def test_one_that_was_never_published_is_if_the_producer_says_that_it_was(self) -> None:
        made = finished().asks(TWO).note("producer 1", "exited", "with status 0")
        assert made.judged().lost == [TWO]

    def test_one_that_was_refused_is_if_the_producer_says_that_it_was_taken(self) -> None:
        made = finished().asks(TWO).publish(TWO)
        made.broker(commands.Basic.Nack(1), who="producer 1")
        assert not made.judged().lost
        assert made.note("producer 1", "exited", "with status 0").judged().lost == [TWO]

    def test_one_of_a_producer_that_fails_is_not(self) -> None:
        made = finished().asks(TWO).publish(TWO).note("producer 1", "exited", "with status 1")
        assert made.judged().none_lost()

    def test_one_that_was_returned_is_not(self) -> None:
        made = finished().asks(TWO).publish(TWO)
        made.broker(commands.Basic.Return(312, "NO_ROUTE", "", "task_queue"), who="producer 1", body=TWO)
        made.broker(commands.Basic.Ack(1), who="producer 1")
        assert made.judged().none_lost()

    def test_the_confirm_of_another_message_says_nothing_of_the_task(self) -> None:
        made = finished().asks(TWO).publish(TWO, key="events")
        made.broker(commands.Basic.Ack(1), who="producer 1")
        assert made.judged().none_lost()

    def test_another_way_to_the_queue_is_known_when_something_has_come_on_it(self) -> None:
        made = finished().asks(TWO).publish(TWO, key="other key")
        deliver = commands.Basic.Deliver("consumer", 2, False, "", "other key")
        made.broker(deliver, body=ONE).broker(commands.Basic.Ack(1), who="producer 1")
        assert made.judged().lost == [TWO]

    def test_a_task_that_a_worker_has_settled_too_early_is_waited_for_no_more(self) -> None:
        made = finished().send(TWO)
        assert made.judged().waiting == 1
        made.deliver(2, TWO).ack(2, after=0.1)
        assert (made.judged().waiting, made.judged().lost) == (0, [TWO])

    def test_the_longest_work_is_that_of_the_tasks_that_are_not_finished(self) -> None:
        made = finished()
        assert made.judged().longest_unfinished == 0.0
        assert made.send(TWO, seconds=2.0).send(b"k00000003", seconds=1.0).judged().longest_unfinished == 2.0


class TestNoneUnexpected:
    def test_a_task_that_nobody_sent(self) -> None:
        made = finished()
        made.deliver(2, b"k12345678").ack(2)
        verdict = made.judged().none_unexpected()
        assert not verdict
        assert "1 messages acknowledged that nobody has sent" in verdict.seen

    def test_all_were_sent(self) -> None:
        assert finished().judged().none_unexpected()

    def test_a_message_of_the_programs_own_was_sent(self) -> None:
        made = finished().publish(b"hello", "worker 2")
        made.deliver(2, b"hello").ack(2)
        assert made.judged().none_unexpected()
        made.deliver(3, b"who?").ack(3)
        assert not made.judged().none_unexpected()

    def test_a_late_duplicate_of_a_task_that_is_forgotten_is_known(self) -> None:
        judge = Conservation(["task_queue"], ("", "task_queue"), prefetch=1)
        made = finished()
        for number in range(2, KEPT + 3):
            made.send(mark := b"k%08x" % number, 0.0)
            made.deliver(number, mark).ack(number)
        made.deliver(KEPT + 3, ONE).ack(KEPT + 3)
        for event in made.events:
            judge.read(event)
        assert judge.none_unexpected()
        assert judge.none_lost()
        assert (judge.owed, judge.finished, len(judge._done)) == (KEPT + 2, KEPT + 2, KEPT)


def twice(*, redelivered: bool, between: bool = False) -> Storm:
    """A task is finished, its acknowledgement does not arrive, and another connection finishes it again."""
    made = finished()
    made.tap("Tap.Cut")
    if between:
        made.note("broker", "unreachable", "broker killed, starts again").note("broker", "reachable")
    made.listens(connection=2).deliver(1, ONE, connection=2, redelivered=redelivered).ack(1, connection=2)
    return made


class TestNoneRepeatedInSilence:
    @pytest.mark.parametrize(
        ("made", "holds"),
        [
            (finished(), True),
            (twice(redelivered=True), True),
            (twice(redelivered=False), False),
            (twice(redelivered=False, between=True), True),
        ],
        ids=["once", "with the mark", "without the mark", "without the mark, after the broker was away"],
    )
    def test_a_second_time(self, made: Storm, holds: bool) -> None:
        assert bool(made.judged().none_repeated_in_silence()) is holds

    def test_each_copy_that_was_published_may_come_once_without_the_mark(self) -> None:
        made = storm().asks(ONE).publish(ONE).publish(ONE)
        made.deliver(1, ONE).ack(1).deliver(2, ONE).ack(2)
        assert made.judged().none_repeated_in_silence()
        made.deliver(3, ONE).ack(3)
        assert not made.judged().none_repeated_in_silence()

    def test_a_dead_letter_is_another_message(self) -> None:
        made = finished()
        dead = commands.Basic.Properties(headers={"x-death": []})
        deliver = commands.Basic.Deliver("consumer", 2, False, "", "task_queue")
        made.broker(deliver, body=ONE, properties=dead).ack(2)
        assert made.judged().none_repeated_in_silence()


class TestDrained:
    @pytest.mark.parametrize(("ready", "holds"), [("0", True), ("1", False), ("", False)])
    def test_the_queue_is_empty(self, ready: str, holds: bool) -> None:
        assert bool(finished().note("broker", "counted", ready).judged().drained()) is holds

    def test_nobody_holds_a_task(self) -> None:
        made = finished().send(TWO)
        made.deliver(2, TWO)
        assert not made.note("broker", "counted", "0").judged().drained()

    @pytest.mark.parametrize(
        "end", [commands.Channel.Close(200, "", 0, 0), commands.Connection.Close(200, "", 0, 0)]
    )
    def test_what_crosses_a_close_is_not_held(self, end: commands.Channel.Close) -> None:
        made = finished()
        made.client(end).deliver(2, ONE, redelivered=True)
        assert made.note("broker", "counted", "0").judged().drained()

    def test_it_was_never_counted(self) -> None:
        assert not finished().judged().drained()


class TestWithinThePrefetch:
    @pytest.mark.parametrize(("connection", "holds"), [(1, False), (2, True)])
    def test_two_tasks_on_one_connection(self, connection: int, holds: bool) -> None:
        made = storm().listens(connection=2).send(ONE).send(TWO)
        made.deliver(1, ONE).deliver(2, TWO, connection=connection)
        assert bool(made.judged().within_the_prefetch()) is holds


def test_all_must_hold() -> None:
    made = finished().note("broker", "counted", "0")
    assert made.judged().verdict() == Verdict(True, *_words(made.judged().drained()))
    assert not made.send(TWO).judged().verdict()


def _words(verdict: Verdict) -> tuple[str, str]:
    return verdict.expected, verdict.seen


class TestRecoveries:
    def test_a_worker_that_was_killed_has_recovered_when_its_successor_finishes_a_task(self) -> None:
        made = (
            storm()
            .send(ONE)
            .note("worker 1", "fault", "fault 1: killed")
            .note("worker 3", "replaces", "worker 1")
        )
        made.listens("worker 2").deliver(1, ONE, who="worker 2").ack(1, who="worker 2")
        assert [each.recovered for each in made.judged().recoveries] == [0]
        made.send(TWO).listens("worker 3").deliver(1, TWO, who="worker 3").ack(1, who="worker 3")
        (kind,) = made.judged().recoveries
        assert (kind.kind, kind.times, kind.recovered) == ("worker killed", 1, 1)
        assert kind.mean == kind.longest == pytest.approx(6.0, abs=0.1)

    def test_a_fault_that_lasts_counts_from_its_end(self) -> None:
        text = str(FaultText(1, "out of memory", 1.0))
        made = storm().send(ONE).note("broker", "fault", text)
        made.deliver(1, ONE).ack(1)
        assert made.judged().recoveries.latest == "broker out of memory"
        made.note("broker", "fault over", text).send(TWO).deliver(2, TWO).ack(2)
        (kind,) = made.judged().recoveries
        assert kind.longest == pytest.approx(2.0, abs=0.1)

    def test_a_producer_has_recovered_when_its_task_is_confirmed(self) -> None:
        made = (
            storm().asks(ONE).note("producer 1", "fault", "fault 1: confirm withheld for 1.0 s").publish(ONE)
        )
        made.broker(commands.Basic.Ack(1), who="producer 1")
        (kind,) = made.judged().recoveries
        assert kind.recovered == 1

    def test_a_producer_that_gives_up_does_not_recover(self) -> None:
        made = storm().asks(ONE).note("producer 1", "fault", "fault 1: confirm lost")
        judge = made.note("producer 1", "exited", "with status 1").judged()
        assert [each.recovered for each in judge.recoveries] == [0]
        assert judge.recoveries.latest == ""


def test_a_fault_that_makes_no_sense_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="is no fault"):
        Storm().note("worker 1", "fault", "nonsense").judged()


def test_the_numbers() -> None:
    data = twice(redelivered=True).send(TWO).judged().as_data()
    assert data["tasks"] == data["confirmed"] == 2
    assert (data["finished"], data["lost"], data["duplicates"], data["unexpected"]) == (1, 1, 1, 0)


class TestHoldsWhatIsOwed:
    def test_of_a_task_in_hand(self) -> None:
        made = storm().send(ONE)
        made.deliver(1, ONE)
        assert made.judged().holds_what_is_owed("worker 1")
        assert not made.judged().holds_what_is_owed("worker 2")

    def test_not_of_one_that_is_settled(self) -> None:
        assert not finished().judged().holds_what_is_owed("worker 1")

    def test_not_of_one_that_nobody_owes(self) -> None:
        made = storm().asks(ONE).publish(ONE)
        made.deliver(1, ONE)
        assert not made.judged().holds_what_is_owed("worker 1")

    def test_not_of_one_that_was_published_twice(self) -> None:
        made = storm().send(ONE).publish(ONE)
        made.deliver(1, ONE)
        assert not made.judged().holds_what_is_owed("worker 1")
