"""The worker: how a program takes tasks, and when it lets them go.

A worker that crashes must lose nothing. So it tells the broker that a task is done when it is done, and not
before; it takes one task at a time, so that the others stay where anyone can have them.
"""

from workqueue_spec.bench import Bench
from workqueue_spec.clauses import clause, core, must, worker
from workqueue_spec.verdicts import judge
from workqueue_spec.verdicts.declaring import declared_durable
from workqueue_spec.verdicts.dispatch import holds_at_most
from workqueue_spec.verdicts.settlement import (
    acknowledged_after,
    acknowledges_by_hand,
    all_settled,
    each_settled_once,
    marked_redelivered,
    never_acknowledged,
)
from workqueue_spec.verdicts.timing import by_dots, one_after_another

from .sources import ACKNOWLEDGMENT, CONFIRMS, DURABILITY, FAIR_DISPATCH, TUTORIAL_TWO


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
    starts, and more come while it works; it must be watched with a task in hand and others waiting.
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


@clause("W03", "ack-after-work", core, must, owed_by=worker, source=ACKNOWLEDGMENT)
def test_the_worker_acknowledges_after_the_work(bench: Bench) -> None:
    """A worker acknowledges a task after the work, not before and not half-way.

    The acknowledgement must come no sooner after the delivery than the task's dots take.
    """
    worker = bench.start_worker()

    for dots in (1, bench.subject.dots(0.5), 3):
        task = bench.send(dots=dots)
        judge(acknowledged_after(worker.settles(task), dots * bench.subject.seconds_per_dot))


@clause("W04", "each-ack-once", core, must, owed_by=worker, source=CONFIRMS)
def test_the_worker_acknowledges_each_task_once(bench: Bench) -> None:
    """A worker acknowledges each task once, on the channel it came on, and no other task with it."""
    worker = bench.start_worker()
    for task in [bench.send(dots=dots) for dots in (0, 1, 0, 2, 0)]:
        worker.finishes(task)

    bench.stays(lambda: each_settled_once(worker.ledger))


@clause("W05", "settles-every-task", core, must, owed_by=worker, source=ACKNOWLEDGMENT)
def test_the_worker_settles_every_task(bench: Bench) -> None:
    """A worker settles every task it takes.

    After a number of tasks of different sizes each must be acknowledged; and when the worker is gone,
    nothing may come back to the queue.
    """
    worker = bench.start_worker()
    for task in [
        bench.send(dots=dots, words=words)
        for dots, words in [(0, 0), (1, 3), (0, 300), (2, 1), (0, 9), (1, 0)]
    ]:
        worker.finishes(task)
    judge(all_settled(worker.ledger.deliveries))

    worker.kill()

    bench.queue_becomes(ready=0)


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

    SIGKILL in the middle of a task, with another task waiting: the first must not have been acknowledged, the
    second worker must finish both, and the first must come to it marked as redelivered.
    """
    first = bench.start_worker()
    task, waiting = bench.send(dots=bench.subject.dots(2.0)), bench.send()
    first.receives(task)
    bench.stays(lambda: never_acknowledged(first.deliveries(task)))

    first.kill()

    second = bench.start_worker()
    judge(marked_redelivered(second.receives(task)))
    second.finishes(task)
    second.finishes(waiting)


@clause("W31", "a-dot-is-a-unit", core, must, owed_by=worker, source=TUTORIAL_TWO)
def test_a_dot_is_a_unit_of_work(bench: Bench) -> None:
    """One dot is one unit of work, whatever else the task says, and tasks run one after another.

    A long text without a dot must take less than a few units, and a short one with many dots all of them;
    two tasks that wait together must not run at the same time.
    """
    worker = bench.start_worker()
    unit = bench.subject.seconds_per_dot
    wordy, dotted = bench.send(words=120), bench.send(dots=bench.subject.dots(1.0), words=0)
    worker.finishes(wordy)
    worker.finishes(dotted)
    judge(by_dots(worker.deliveries(wordy)[0], worker.deliveries(dotted)[0], dotted.dots * unit))

    together = [bench.send(dots=2) for _ in range(3)]
    for task in together:
        worker.finishes(task)
    judge(one_after_another([worker.deliveries(task)[0] for task in together], 2 * unit))


@clause("W34", "declares-durable", core, must, owed_by=worker, source=DURABILITY)
def test_the_worker_declares_a_durable_queue(bench: Bench) -> None:
    """Where the worker declares the queue, it declares it durable, and neither exclusive nor auto-delete, so
    that the tasks outlive their programs and the broker's restart.
    """
    worker = bench.start_worker()
    worker.settles(bench.send())

    judge(declared_durable(worker.ledger.declarations, bench.subject.queue))
