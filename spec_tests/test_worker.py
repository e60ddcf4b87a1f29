"""The worker: how a program takes tasks, and when it lets them go.

A worker that crashes must lose nothing. So it tells the broker that a task is done when it is done, and not
before; it takes one task at a time, so that the others stay where anyone can have them.
"""

from collections.abc import Callable, Sequence

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.failed_task import comes_to_rest, is_taken_and_given_up
from workqueue_spec.judgement.history import Event
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.declaring import declared_durable
from workqueue_spec.judgement.verdicts.dispatch import holds_at_most
from workqueue_spec.judgement.verdicts.leaking import leaks_nothing
from workqueue_spec.judgement.verdicts.protocol import (
    by_different_ones,
    not_exclusive,
    publishes_elsewhere,
    pushed,
    removed_nothing,
    well_formed,
)
from workqueue_spec.judgement.verdicts.settlement import (
    acknowledged_after,
    acknowledges_by_hand,
    all_settled,
    each_settled_once,
    marked_redelivered,
    never_acknowledged,
)
from workqueue_spec.judgement.verdicts.timing import by_dots, one_after_another
from workqueue_spec.judgement.verdicts.waiting import lets_tasks_wait
from workqueue_spec.programs.envelope import UNASKED_FOR
from workqueue_spec.specification.clauses import clause, core, must, production, should, worker
from workqueue_spec.timeouts import EVENTUALLY
from workqueue_spec.wiretap import with_heartbeat

from .sources import (
    ACKNOWLEDGMENT,
    ALARMS,
    AMQP_FRAMING,
    CONFIRMS,
    CONSUMERS,
    DURABILITY,
    EXPIRATION,
    FAIR_DISPATCH,
    LEAKS,
    LENGTH_LIMIT,
    ROUND_ROBIN,
    TUTORIAL_TWO,
)


@clause("W01", "manual-acknowledgement", core, must, owed_by=worker, source=ACKNOWLEDGMENT)
def test_the_worker_acknowledges_by_hand(bench: Bench) -> None:
    """A worker does not take tasks in no-ack mode."""
    worker = bench.start_worker()
    for task in [bench.send(dots=dots) for dots in (0, 1)]:
        worker.receives(task)

    judge(acknowledges_by_hand(worker.ledger))


@clause("W02", "one-task-at-a-time", core, must, owed_by=worker, source=FAIR_DISPATCH, presumes=("B12",))
def test_the_worker_holds_one_task_at_a_time(bench: Bench) -> None:
    """A worker never holds more than one unacknowledged task.

    Judged by what it holds, so a worker that fetches its tasks one by one conforms too. Tasks wait before it
    starts, and more come while it works; it must be watched with a task in hand and others waiting. So must a
    second worker that is started beside it.
    """
    bench.start_worker().kill()
    waiting = [bench.send(dots=1) for _ in range(4)]
    worker = bench.start_worker()
    later = [bench.send(dots=dots) for dots in (0, 2, 0, 1)]
    for task in waiting + later:
        worker.receives(task)
    endless = bench.send_endless()
    worker.receives(endless)

    bench.send()

    bench.stays(lambda: holds_at_most(1, worker.ledger.deliveries))

    second = bench.start_worker(ready=False)
    if not second.joins(bench.subject.start_seconds):
        raise NotJudged("no second worker can be watched beside the first (W27)")
    bench.delivered(bench.send_endless())
    bench.send()

    bench.stays(lambda: holds_at_most(1, second.ledger.deliveries))


@clause("W03", "ack-after-work", core, must, owed_by=worker, source=ACKNOWLEDGMENT)
def test_the_worker_acknowledges_after_the_work(bench: Bench) -> None:
    """A worker acknowledges a task after the work, not before and not half-way.

    The acknowledgement must come no sooner after the delivery than the task's dots take. Quick tasks and slow
    ones come, of a word and of more than a frame holds; one has a priority, headers and more that nobody asked for.
    """
    worker = bench.start_worker()
    sizes = bench.random.sample([1, 1, 1, 1, 1, 2, bench.subject.dots(0.5), bench.subject.dots(1.5)], 8)
    lengths = bench.random.sample([0, 0, 1, 3, 9, 50, 500, 30_000], 8)
    besides = bench.random.sample([UNASKED_FOR, {}, {}, {}, {}, {}, {}, {}], 8)

    for dots, words, properties in zip(sizes, lengths, besides, strict=True):
        task = bench.send(dots=dots, words=words, properties=properties, with_id=bool(properties))
        judge(acknowledged_after(worker.settles(task), dots * bench.subject.seconds_per_dot))


@clause("W04", "each-ack-once", core, must, owed_by=worker, source=CONFIRMS)
def test_the_worker_acknowledges_each_task_once(bench: Bench) -> None:
    """A worker acknowledges each task once, on the channel it came on, and no other task with it.

    The first of several has been delivered to somebody else before, who went without a word.
    """
    bench.start_worker().kill()
    redelivered = bench.send()
    is_taken_and_given_up(bench, redelivered)
    worker = bench.start_worker()
    others = [bench.send(dots=dots) for dots in bench.random.sample([0, 0, 0, 0, 0, 1, 2], 7)]
    for task in (redelivered, *others):
        worker.finishes(task)

    bench.stays(lambda: each_settled_once(worker.ledger))


@clause("W05", "settles-every-task", core, must, owed_by=worker, source=ACKNOWLEDGMENT)
def test_the_worker_settles_every_task(bench: Bench) -> None:
    """A worker settles every task it takes.

    After several dozen tasks of different sizes each must be acknowledged, and nothing else be left in its hands.
    Then it is killed with one more task, which shows that the broker has dealt with the acknowledgements before
    it: that task alone may come back to the queue.
    """
    worker = bench.start_worker()
    sizes = [(0, bench.random.randint(0, 30)) for _ in range(60)]
    sizes += [(0, 0), (1, 3), (0, 300), (2, 1), (0, 30_000), (1, 0)]
    bench.random.shuffle(sizes)
    for task in [bench.send(dots=dots, words=words) for dots, words in sizes]:
        worker.finishes(task)
    judge(all_settled([each for each in worker.ledger.deliveries if each.returned_at is None]))
    last = bench.send_endless()
    worker.receives(last)
    bench.stays(lambda: never_acknowledged(worker.deliveries(last)))

    worker.kill()

    bench.queue_becomes(ready=1)
    bench.yields(last)


@clause(
    "W06",
    "killed-worker-loses-nothing",
    core,
    must,
    owed_by=worker,
    source=ACKNOWLEDGMENT,
    presumes=("B18", "B19"),
)
def test_a_killed_worker_loses_nothing(bench: Bench) -> None:
    """A task whose worker is killed before it is done goes to another worker, which finishes it.

    SIGKILL in the middle of a task, with another task waiting: the first must not have been acknowledged, and must
    come to the second worker marked as redelivered and be finished there, after the work; the other must be
    finished too. Each has a `message_id` of its own: a worker that drops duplicates may note an id when its work is
    done, not before.
    """
    first = bench.start_worker()
    task, waiting = bench.send_together(bench.subject.dots(2.0), 0, with_id=True)
    first.receives(task)
    bench.stays(lambda: never_acknowledged(first.deliveries(task)))

    first.kill()

    second = bench.start_worker()
    judge(marked_redelivered(second.receives(task)))
    judge(acknowledged_after(second.finishes(task), task.dots * bench.subject.seconds_per_dot))
    bench.finished(waiting)


@clause(
    "W21", "works-on-redelivered", core, must, owed_by=worker, source=ACKNOWLEDGMENT, presumes=("B18", "B19")
)
def test_the_worker_works_on_redelivered_tasks(bench: Bench) -> None:
    """A worker works on a task that is marked as redelivered as on any other.

    Somebody else takes the task first and goes without a word. It then comes to the worker marked, and must be
    acknowledged after the work, and not before. It has a `message_id`, and nobody has done it.
    """
    bench.start_worker().kill()
    task = bench.send(dots=bench.subject.dots(0.3), with_id=True)
    is_taken_and_given_up(bench, task)

    worker = bench.start_worker()

    judge(marked_redelivered(worker.receives(task)))
    judge(acknowledged_after(worker.settles(task), task.dots * bench.subject.seconds_per_dot))
    worker.finishes(task)


@clause("W26", "well-formed-frames", production, must, owed_by=worker, source=AMQP_FRAMING)
def test_frames_are_well_formed(bench: Bench) -> None:
    """A worker's frames stay well formed and in order, whatever it does at the same time.

    Many short tasks come one after the other, with a heartbeat of one second beside them. The broker may
    complain of no frame (501 to 506), and each task must be acknowledged.
    """
    worker = bench.start_worker(faults=lambda tap: tap.rewrite(with_heartbeat(1)))
    tasks = [bench.send(dots=bench.random.choice([0, 0, 0, 0, 1])) for _ in range(120)]
    work = sum(task.dots for task in tasks) * bench.subject.seconds_per_dot
    worker.receives(tasks[0])

    def garbled_or_done(events: Sequence[Event]) -> bool:
        book = worker.ledger
        return not well_formed(book, events) or tasks[-1].mark in book.deliveries[-1].body

    bench.history.wait(garbled_or_done, EVENTUALLY + work)
    judge(well_formed(worker.ledger, bench.history.events))
    for task in tasks:
        worker.finishes(task)
    judge(well_formed(worker.ledger, bench.history.events))


@clause("W27", "lets-others-compete", core, must, owed_by=worker, source=ROUND_ROBIN)
def test_workers_share_the_queue(bench: Bench) -> None:
    """A worker lets others compete for the tasks: it does not consume exclusively.

    Two workers are started, and two tasks sent that take longer than the test: each must get one of them. A third
    is left waiting meanwhile; who takes it too breaks W02.
    """
    bench.start_worker()
    bench.start_worker()

    long = [bench.delivered(bench.send_endless()) for _ in range(2)]
    bench.send()

    judge(by_different_ones(long))
    bench.stays(lambda: not_exclusive(bench.ledger))


@clause("W28", "is-pushed-to", production, should, owed_by=worker, source=CONSUMERS)
def test_tasks_are_pushed_to_the_worker(bench: Bench) -> None:
    """A worker subscribes and has tasks pushed to it, rather than poll for them (basic.get)."""
    worker = bench.start_worker()
    for task in [bench.send() for _ in range(2)]:
        worker.finishes(task)

    judge(pushed(worker.ledger))


@clause("W30", "publishes-elsewhere", production, should, owed_by=worker, source=ALARMS)
def test_the_worker_publishes_on_another_connection(bench: Bench) -> None:
    """A worker does not publish on the connection on which it consumes: an alarm, which blocks a connection
    that publishes, would stop its acknowledgements too.

    It is given good tasks, and then one that fails, which it may hand on to another queue. A worker that
    publishes nothing conforms.
    """
    worker = bench.start_worker()
    for task in [bench.send() for _ in range(2)]:
        worker.finishes(task)
    failing = bench.send_failing()
    worker.receives(failing)
    comes_to_rest(bench, worker, failing)

    bench.stays(lambda: publishes_elsewhere(worker.ledger))


@clause("W32", "removes-nothing", core, must, owed_by=worker, source=TUTORIAL_TWO)
def test_the_worker_removes_nothing(bench: Bench) -> None:
    """A worker never removes what others queued: it neither purges nor deletes the queue, at its start or
    later.

    Tasks wait before it starts, and more while it works; then a second worker starts, and the first is told to
    leave (SIGTERM). The wire must show no such command, and every task must be finished by one of them.
    """

    def judge_removals() -> None:
        judge(removed_nothing(bench.ledger, bench.subject.queue))

    bench.start_worker().kill()
    tasks = [bench.send() for _ in range(3)]
    first = bench.start_worker()
    judge_removals()
    tasks += [bench.send(dots=dots) for dots in (2, 0, 1, 0)]
    bench.start_worker(ready=False)
    for task in tasks:
        bench.finished(task)

    first.is_stopped_by_a_supervisor()

    judge_removals()


@clause("W31", "a-dot-is-a-unit", core, must, owed_by=worker, source=TUTORIAL_TWO)
def test_a_dot_is_a_unit_of_work(bench: Bench) -> None:
    """One dot is one unit of work, whatever else the task says, and tasks run one after another.

    A long text without a dot must take less than a few units, and a short one with many dots, in its middle and
    at its end, all of them, and all of them again in a second task of the same text; tasks that wait together
    behind another must not run at the same time.
    """
    worker = bench.start_worker()
    unit = bench.subject.seconds_per_dot
    wordy = bench.send(words=120)
    worker.finishes(wordy)
    dots = bench.subject.dots(1.0)
    dotted = bench.send(dots - dots // 2, words=0, also=f"count{'.' * (dots // 2)}merge")
    worker.finishes(dotted)
    judge(by_dots(worker.deliveries(wordy)[0], worker.deliveries(dotted)[0], dotted.dots * unit))
    bench.put(bench.message(dotted), shown=f"{dotted}, another task of the same text")
    judge(acknowledged_after(worker.settles(dotted, times=2), dotted.dots * unit))

    together = bench.send_together(bench.subject.dots(0.5), 2, 2, 2)
    finished = [worker.finishes(task) for task in together]
    judge(one_after_another(finished, [task.dots * unit for task in together]))


@clause("W34", "declares-durable", core, must, owed_by=worker, source=DURABILITY)
def test_the_worker_declares_a_durable_queue(bench: Bench) -> None:
    """Where the worker declares the queue, it declares it durable, and neither exclusive nor auto-delete, so
    that the tasks outlive their programs and the broker's restart.
    """
    worker = bench.start_worker()
    worker.settles(bench.send())

    judge(declared_durable(worker.ledger.declarations, bench.subject.queue))


@clause("W36", "lets-tasks-wait", production, must, owed_by=worker, source=f"{EXPIRATION}; {LENGTH_LIMIT}")
def test_the_worker_lets_tasks_wait(bench: Bench) -> None:
    """Nothing that the worker asks for has a task dropped because no worker comes for it, or while it waits to be
    tried again.

    The queue, where it declares it, has no `x-expires`, and `x-message-ttl` or a limit to its length only where
    what is over it goes to a dead-letter exchange, or is refused (`x-overflow`). A task that it puts on the queue
    again, as it may in any test, has no `expiration`. A queue that it declares and whose dead letters come back to
    this one, as a queue for retries does, does not expire (`x-expires`) before its messages do. It is given a good
    task, and one that fails.
    """
    worker = bench.start_worker()
    worker.settles(bench.send())
    if bench.subject.failing_word:
        worker.has_tried([bench.send_failing()])

    judge(lets_tasks_wait(worker.ledger, bench.subject.queue))


@clause("W38", "leaks-no-channels", production, must, owed_by=worker, source=LEAKS)
@pytest.mark.parametrize(
    "send", [Bench.send, Bench.send_failing], ids=["tasks that are done", "tasks that fail"]
)
def test_the_worker_leaks_no_channels(bench: Bench, send: Callable[[Bench], Task]) -> None:
    """A worker opens nothing for a task that it does not close, no connection, no channel, no subscription and no
    queue of its own: a broker has room for so many, by default for 2047 channels on a connection.

    It has had a dozen tasks that are done, or a dozen that fail: what is open may not have grown by one for each.
    Threads that come to their first task may each open something.
    """
    worker = bench.start_worker()
    worker.settles(bench.send())
    before = worker.left_open

    tasks = [send(bench) for _ in range(12)]
    worker.has_tried(tasks)

    judge(leaks_nothing(before, worker.left_open, len(tasks)))
