"""The verdicts over a worker that holds several tasks and works on some of them at once."""

import pytest
from pamqp import commands

from workqueue_spec.judgement.ledger import Delivery
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts.always import asked_always, broken_by_worker
from workqueue_spec.judgement.verdicts.concurrency import at_work_at_most, most_at_work
from workqueue_spec.judgement.verdicts.leaving import left_after_their_work
from workqueue_spec.judgement.verdicts.protocol import shared_by_workers
from workqueue_spec.judgement.verdicts.settlement import settled_as_promised, settled_together_when_done

from .wire import Script

QUEUE = "task_queue"
TASKS = [Task(f"k{number} sort..........", f"k{number}", 10) for number in range(1, 9)]
WORK = [(task, 10.0) for task in TASKS]


def taken(tasks: int) -> Script:
    """A worker that is given this many tasks at once, with tags from 1 on, each of ten seconds of work."""
    script = Script().client(commands.Queue.Declare(0, QUEUE, durable=True))
    script.broker(commands.Queue.DeclareOk(QUEUE, 0, 0)).client(commands.Basic.Consume(0, QUEUE))
    script.broker(commands.Basic.ConsumeOk("consumer"))
    for tag, task in enumerate(TASKS[:tasks], 1):
        script.deliver(tag, task.body, after=0.0)
    return script


def acknowledged(*times: float) -> Script:
    """A worker that is given a task for each of these times, and acknowledges it so many seconds later."""
    script = taken(len(times))
    begun = script.now
    for tag, time in sorted(enumerate(times, 1), key=lambda each: each[1]):
        script.ack(tag, after=begun + time - script.now)
    return script


def deliveries(script: Script) -> list[Delivery]:
    return script.ledger.deliveries


class TestAtWork:
    @pytest.mark.parametrize(
        ("times", "most"),
        [
            ((10.1, 10.2), 2),  # both must have been at work all the time
            ((10.0, 20.0), 1),  # one after the other
            ((20.0, 10.0), 1),
            ((10.1, 19.0), 2),  # the second was at work from 9 s to 10 s, at least
            ((25.0, 25.0), 0),  # nobody knows when
            ((), 0),
        ],
    )
    def test_the_most_at_work_for_certain(self, times: tuple[float, ...], most: int) -> None:
        assert most_at_work(deliveries(acknowledged(*times)), WORK) == most

    @pytest.mark.parametrize(
        ("limit", "times", "holds"),
        [
            (2, (10.1, 10.2, 20.1, 20.2), True),
            (2, (10.1, 10.2, 10.3, 20.3), False),
            (1, (10.0, 20.0, 30.0), True),
            (1, (10.0, 15.0), False),
            (1, (10.0, 20.0, 25.0), False),  # nothing was at work together for certain; the work is too much
            (2, (10.0, 10.0, 20.0, 20.0, 20.5), False),
            (3, (10.0, 10.0, 20.0, 20.0, 20.5), True),
            (1, (9.995, 19.99), True),  # a timer may be a little early
            (1, (), True),
        ],
    )
    def test_no_more_than_it_may(self, limit: int, times: tuple[float, ...], holds: bool) -> None:
        assert bool(at_work_at_most(limit, deliveries(acknowledged(*times)), WORK)) is holds

    def test_a_long_row_of_tasks(self) -> None:
        script = Script()
        tasks = [Task(f"k{number:08x} ..", f"k{number:08x}", 2) for number in range(600)]
        for tag, task in enumerate(tasks, 1):
            script.deliver(tag, task.body, after=0.0).ack(tag, after=2.0)
        assert at_work_at_most(1, deliveries(script), [(task, 2.0) for task in tasks])

    def test_a_duplicate_may_be_known_as_done(self) -> None:
        script = taken(1).client(commands.Basic.Nack(1), after=10.0).deliver(2, TASKS[0].body, after=0.0)
        script.deliver(3, TASKS[1].body, after=0.0).ack(2, after=0.1).ack(3, after=10.0)
        assert at_work_at_most(1, deliveries(script), WORK)

    def test_what_is_acknowledged_before_its_work_is_judged_elsewhere(self) -> None:
        assert at_work_at_most(1, deliveries(acknowledged(0.1, 0.2)), WORK)


class TestMultiple:
    def test_over_what_is_done(self) -> None:
        script = taken(2).ack(2, multiple=True, after=10.0)
        assert settled_together_when_done(deliveries(script), WORK)
        assert settled_as_promised(script.ledger, WORK, prefetch=8)
        assert not settled_as_promised(script.ledger, WORK, prefetch=1)

    def test_over_what_is_at_work(self) -> None:
        script = taken(1).deliver(2, b"k9 quick", after=5.0).ack(2, multiple=True, after=0.1)
        assert not settled_together_when_done(deliveries(script), WORK)
        assert not settled_as_promised(script.ledger, WORK, prefetch=8)
        assert TASKS[0].text in settled_as_promised(script.ledger, WORK, prefetch=8).seen

    def test_what_goes_back_need_not_be_done(self) -> None:
        script = taken(2).client(commands.Basic.Nack(2, multiple=True, requeue=True), after=1.0)
        assert settled_together_when_done(deliveries(script), WORK)

    def test_a_rejection_for_good_is_no_return(self) -> None:
        script = taken(2).client(commands.Basic.Nack(2, multiple=True, requeue=False), after=1.0)
        assert not settled_together_when_done(deliveries(script), WORK)

    def test_a_duplicate_may_be_known_as_done(self) -> None:
        script = taken(1).client(commands.Basic.Nack(1), after=10.0).deliver(2, TASKS[0].body)
        script.deliver(3, TASKS[1].body, after=0.0).ack(3, after=10.0).deliver(4, b"k9", after=0.0)
        assert settled_together_when_done(deliveries(script.ack(4, multiple=True, after=0.1)), WORK)

    def test_each_is_still_settled_once(self) -> None:
        assert not settled_as_promised(taken(1).ack(1, after=10.0).ack(1).ledger, WORK, prefetch=8)
        assert not settled_as_promised(taken(0).ledger, WORK, prefetch=8)


class TestLeaving:
    @pytest.mark.parametrize(
        ("status", "times", "at_work", "holds"),
        [
            (0, (10.1, 10.2), 2, True),
            (0, (10.1, 10.2, 20.1), 2, True),
            (0, (10.1,), 2, False),
            (0, (), 1, False),
            (1, (10.1, 10.2), 2, False),
            (0, (10.1, 9.0), 2, False),
        ],
    )
    def test_after_the_work_of_all_at_work(
        self, status: int, times: tuple[float, ...], at_work: int, holds: bool
    ) -> None:
        held = deliveries(acknowledged(*times))
        assert bool(left_after_their_work(status, held, 10.0, at_work)) is holds

    def test_what_goes_back_is_not_finished(self) -> None:
        script = taken(2).ack(1, after=10.0).client(commands.Basic.Nack(2, requeue=True))
        assert left_after_their_work(0, deliveries(script), 10.0, 1)
        assert not left_after_their_work(0, deliveries(script), 10.0, 2)


def test_workers_share_the_tasks() -> None:
    one = Script().deliver(1).deliver(2)
    assert not shared_by_workers(one.ledger.deliveries)
    assert not shared_by_workers([])
    assert shared_by_workers(one.deliver(1, who="worker 2").ledger.deliveries)


class TestAlways:
    def breaks(self, script: Script, prefetch: int, concurrency: int) -> list[str]:
        return [
            id_
            for id_, _ in broken_by_worker(
                script.ledger.about(QUEUE),
                script.events,
                QUEUE,
                WORK,
                prefetch=prefetch,
                concurrency=concurrency,
            )
        ]

    def test_a_worker_may_hold_as_many_as_its_prefetch(self) -> None:
        assert self.breaks(taken(3), 3, 1) == []
        assert self.breaks(taken(3), 2, 1) == ["W02"]
        assert self.breaks(taken(3), 1, 1) == ["W02"]

    def test_a_worker_may_work_on_as_many_as_its_concurrency(self) -> None:
        script = acknowledged(10.1, 10.2, 20.1)
        assert self.breaks(script, 3, 2) == []
        assert self.breaks(script, 3, 1) == ["W31"]

    def test_order_and_multiple_are_the_workers_choice(self) -> None:
        out_of_order = taken(2).ack(2, after=10.0).ack(1, after=10.0)
        assert self.breaks(out_of_order, 8, 4) == []
        assert self.breaks(taken(2).ack(2, multiple=True, after=10.0), 8, 4) == []

    def test_multiple_over_a_task_at_work_is_wrong(self) -> None:
        script = taken(1).deliver(2, b"k9 quick", after=5.0).ack(2, multiple=True, after=0.1)
        assert self.breaks(script, 8, 4) == ["W04"]

    def test_an_early_acknowledgement_is_wrong_with_several_in_hand(self) -> None:
        assert self.breaks(acknowledged(10.1, 0.1), 8, 4) == ["W03"]

    def test_the_clause_of_concurrency_is_asked_only_of_a_worker_that_holds_several(self) -> None:
        assert asked_always(8) - asked_always(1) == {"W31"}
        assert self.breaks(acknowledged(10.1, 10.2), 1, 1) == ["W02"]
