"""The worker: how a program takes tasks, and when it acknowledges them.

A worker that crashes must lose no task. So it tells the broker that a task is done when the task is done, and not
before. It takes one task at a time, so that the other tasks stay on the queue, where any worker can take them.
"""

from collections.abc import Callable, Sequence

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.cpu import idle_cpu_time
from workqueue_spec.bench.failed_task import attempts_end, make_redelivered
from workqueue_spec.bench.faults import SmallFrames
from workqueue_spec.bench.heartbeats import ShortHeartbeat
from workqueue_spec.bench.memory import WatchedMemory
from workqueue_spec.judgement.history import Event
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.concurrency import at_work_at_most
from workqueue_spec.judgement.verdicts.declaring import declared_durable
from workqueue_spec.judgement.verdicts.dispatch import holds_at_most
from workqueue_spec.judgement.verdicts.framing import keeps_to_frame_max, large_enough_frame_max
from workqueue_spec.judgement.verdicts.leaking import leaks_nothing
from workqueue_spec.judgement.verdicts.protocol import (
    held_by_different_workers,
    not_exclusive,
    only_pushed,
    publishes_on_another_connection,
    removed_nothing,
    shared_by_workers,
    well_formed,
)
from workqueue_spec.judgement.verdicts.settlement import (
    acknowledged_after,
    acknowledges_by_hand,
    all_settled,
    marked_redelivered,
    never_acknowledged,
    settled_as_promised,
)
from workqueue_spec.judgement.verdicts.timing import by_dots, one_after_another
from workqueue_spec.judgement.verdicts.waiting import lets_tasks_wait
from workqueue_spec.programs.envelope import UNASKED_FOR
from workqueue_spec.specification.clauses import clause, core, must, production, should, worker
from workqueue_spec.timeouts import EVENTUALLY

from .sources import (
    ACKNOWLEDGMENT,
    ALARMS,
    AMQP_FRAMING,
    AMQP_TUNING,
    CONFIRMS,
    CONSUMERS,
    CPU_TIME,
    DURABILITY,
    EXPIRATION,
    FAIR_DISPATCH,
    FRAME_MAX,
    LEAKS,
    LENGTH_LIMIT,
    MEMORY,
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


_MOST_SLOW = 20
"""The most tasks of one dot that wait for a worker of high prefetch: more would only take time."""


@clause(
    "W02", "one-task-at-a-time", core, must, owed_by=worker, source=FAIR_DISPATCH, presumes=("B12", "B48")
)
def test_the_worker_holds_one_task_at_a_time(bench: Bench) -> None:
    """A worker never holds more unacknowledged tasks than its prefetch, which is one if nothing else is agreed.

    Judged by what the worker holds, so a worker that fetches its tasks one by one conforms, too; so does one that
    holds fewer tasks than it may. More tasks than its prefetch wait before the worker starts, and more come while
    it works. It is watched while its hand is full and others wait. A second worker, which is started beside the
    first, is watched in the same way.
    """
    limit = bench.subject.prefetch
    bench.start_worker().kill()
    waiting = [bench.send(dots=1 if number < _MOST_SLOW else 0) for number in range(limit + 3)]
    worker = bench.start_worker()
    later = [bench.send(dots=dots) for dots in (0, 2, 0, 1)]
    for task in waiting + later:
        worker.receives(task)
    worker.fills_up([bench.send_endless() for _ in range(limit)])

    bench.send()

    bench.stays(lambda: holds_at_most(limit, worker.ledger.deliveries))

    second = bench.start_worker(ready=False)
    if not second.joins(bench.subject.start_seconds):
        raise NotJudged("no second worker can be watched beside the first (W27)")
    endless = [bench.send_endless() for _ in range(limit)]
    if limit == 1:
        bench.somebody_receives(endless[0])
    else:  # the first may have had room for some of them
        bench.history.wait(lambda _: second.ledger.deliveries, EVENTUALLY)
    bench.send()

    bench.stays(lambda: holds_at_most(limit, second.ledger.deliveries))


@clause("W03", "ack-after-work", core, must, owed_by=worker, source=ACKNOWLEDGMENT)
def test_the_worker_acknowledges_after_the_work(bench: Bench) -> None:
    """A worker acknowledges a task after the work, not before and not half-way.

    The acknowledgement must come no sooner after the delivery than the task's dots take. The tasks are quick and
    slow, with texts of one word up to more than a frame holds. One message has a priority, headers and other
    properties that no worker expects. If the worker may hold several tasks at once, it gets some together at the
    end. If it has other queues of tasks, it gets a task on each of them.
    """
    worker = bench.start_worker()
    sizes = bench.random.sample([1, 1, 1, 1, 1, 2, bench.subject.dots(0.5), bench.subject.dots(1.5)], 8)
    lengths = bench.random.sample([0, 0, 1, 3, 9, 50, 500, 30_000], 8)
    besides = bench.random.sample([UNASKED_FOR, {}, {}, {}, {}, {}, {}, {}], 8)

    for dots, words, properties in zip(sizes, lengths, besides, strict=True):
        task = bench.send(dots=dots, words=words, properties=properties, with_id=bool(properties))
        judge(acknowledged_after(worker.settles(task), dots * bench.subject.seconds_per_dot))

    if bench.subject.prefetch > 1:
        for task in bench.send_handful(bench.subject.dots(0.3)):
            judge(acknowledged_after(worker.settles(task), task.dots * bench.subject.seconds_per_dot))

    for queue in bench.subject.other_queues:
        task = bench.send(bench.subject.dots(0.3), queue=queue)
        judge(acknowledged_after(worker.settles(task), task.dots * bench.subject.seconds_per_dot))


@clause("W04", "each-ack-once", core, must, owed_by=worker, source=CONFIRMS)
def test_the_worker_acknowledges_each_task_once(bench: Bench) -> None:
    """A worker acknowledges each task once, on the channel on which the task was delivered, and together with it no
    task that is not done.

    The first of several tasks is a redelivery: another client took it before, and ended without acknowledging it.
    A worker that holds one task acknowledges nothing else together with it. If the worker may hold several, quick
    tasks come behind a slow one at the end. It may acknowledge with `multiple`, but not over a task that it has
    held for less time than the work takes.
    """
    bench.start_worker().kill()
    redelivered = bench.send()
    make_redelivered(bench, redelivered)
    worker = bench.start_worker()
    others = [bench.send(dots=dots) for dots in bench.random.sample([0, 0, 0, 0, 0, 1, 2], 7)]
    for task in (redelivered, *others):
        worker.finishes(task)
    prefetch = bench.subject.prefetch
    if prefetch > 1:
        slow_and_quick = bench.send_together(bench.subject.dots(0.5), *[0] * (bench.subject.handful - 1))
        for task in slow_and_quick:
            worker.settles(task)

    bench.stays(lambda: settled_as_promised(worker.ledger, bench.work, prefetch))


@clause("W05", "settles-every-task", core, must, owed_by=worker, source=ACKNOWLEDGMENT)
def test_the_worker_settles_every_task(bench: Bench) -> None:
    """A worker settles every task that it takes.

    The worker gets several dozen tasks of different sizes. It must acknowledge each of them, and must then hold
    nothing. Then it is killed while it holds one more task, or as many as fill it. This shows that the broker has
    dealt with the earlier acknowledgements: only those last tasks may come back to the queue.
    """
    worker = bench.start_worker()
    sizes = [(0, bench.random.randint(0, 30)) for _ in range(60)]
    sizes += [(0, 0), (1, 3), (0, 300), (2, 1), (0, 30_000), (1, 0)]
    bench.random.shuffle(sizes)
    for task in [bench.send(dots=dots, words=words) for dots, words in sizes]:
        worker.finishes(task)
    judge(all_settled([each for each in worker.ledger.deliveries if each.taken_back_at is None]))
    last = bench.send_handful(bench.endless)
    worker.fills_up(last)
    bench.stays(lambda: never_acknowledged([each for task in last for each in worker.deliveries(task)]))

    worker.kill()

    bench.queue_becomes(ready=len(last))
    bench.queue_delivers(*last)


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
    """If a worker is killed before its task is done, the task goes to another worker, which finishes it. So does
    each task that the worker holds.

    The worker gets a SIGKILL in the middle of a task, or of as many as it may work on at once, with as many more
    in hand as fill it, while another task waits. The tasks at work must not have been acknowledged. Each task in
    hand must come to a second worker marked as redelivered, and be acknowledged there after the work. The other
    task must be finished, too. Each task has a `message_id` of its own: a worker that drops duplicates may note
    an id only when the work is done, not before.
    """
    first, subject = bench.start_worker(), bench.subject
    *tasks, waiting = bench.send_together(
        *[subject.dots(2.0)] * subject.concurrency,
        *[1] * (subject.handful - subject.concurrency),
        0,
        with_id=True,
    )
    first.fills_up(tasks)
    # If it takes those behind first, it may have done them.
    at_work = tasks[: subject.concurrency]
    bench.stays(lambda: never_acknowledged([each for task in at_work for each in first.deliveries(task)]))

    first.kill()

    second = bench.start_worker()
    for task in tasks:
        taken = first.deliveries(task)
        if taken and not taken[-1].acknowledged:
            judge(marked_redelivered(second.receives(task)))
            judge(acknowledged_after(second.finishes(task), task.dots * subject.seconds_per_dot))
        else:
            bench.somebody_finishes(task)
    bench.somebody_finishes(waiting)


@clause(
    "W21", "works-on-redelivered", core, must, owed_by=worker, source=ACKNOWLEDGMENT, presumes=("B18", "B19")
)
def test_the_worker_works_on_redelivered_tasks(bench: Bench) -> None:
    """If a task is marked as redelivered, a worker works on it as on any other task.

    Another client takes the task first, and ends without acknowledging it. Then the task comes to the worker,
    marked as redelivered. It must be acknowledged after the work, and not before. It has a `message_id`, and nobody
    has worked on it. A worker that may hold several tasks gets as many such tasks as fill it.
    """
    bench.start_worker().kill()
    tasks = bench.send_handful(bench.subject.dots(0.3), with_id=True)
    make_redelivered(bench, *tasks)

    worker = bench.start_worker()

    for task in tasks:
        judge(marked_redelivered(worker.receives(task)))
        judge(acknowledged_after(worker.settles(task), task.dots * bench.subject.seconds_per_dot))
        worker.finishes(task)


@clause("W26", "well-formed-frames", production, must, owed_by=worker, source=AMQP_FRAMING)
def test_frames_are_well_formed(bench: Bench) -> None:
    """A worker's frames stay well formed and in order, whatever it does at the same time.

    Many short tasks come one after the other, while the connection has a heartbeat of one second. The broker must
    not complain of any frame (501 to 506), and each task must be acknowledged.
    """
    worker = bench.start_worker(faults=ShortHeartbeat(1))
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


@clause("W27", "lets-others-compete", core, must, owed_by=worker, source=ROUND_ROBIN, presumes=("B48",))
def test_workers_share_the_queue(bench: Bench) -> None:
    """A worker lets other workers compete for the tasks: it does not consume exclusively.

    Two workers are started, and two tasks are sent that take longer than the test. Each worker must get one of
    them. A third task waits meanwhile. A worker that takes the third task, too, breaks W02. If a worker may hold
    several tasks, one more task than that is sent, and each worker must get at least one of them.
    """
    bench.start_worker()
    bench.start_worker()

    long = [bench.somebody_receives(bench.send_endless()) for _ in range(2)]
    for _ in range(bench.subject.prefetch - 1):
        bench.send_endless()
    bench.send()

    if bench.subject.prefetch == 1:
        judge(held_by_different_workers(long))
    else:
        bench.eventually(lambda: shared_by_workers(bench.ledger.deliveries))
    bench.stays(lambda: not_exclusive(bench.ledger))


@clause("W28", "is-pushed-to", production, should, owed_by=worker, source=CONSUMERS)
def test_tasks_are_pushed_to_the_worker(bench: Bench) -> None:
    """A worker subscribes and has tasks pushed to it, instead of polling for them (`basic.get`)."""
    worker = bench.start_worker()
    for task in [bench.send() for _ in range(2)]:
        worker.finishes(task)

    judge(only_pushed(worker.ledger))


@clause("W30", "publishes-elsewhere", production, should, owed_by=worker, source=ALARMS, presumes=("B34",))
def test_the_worker_publishes_on_another_connection(bench: Bench) -> None:
    """A worker does not publish on the connection on which it consumes. An alarm blocks a connection that
    publishes, and would stop the worker's acknowledgements, too.

    The worker gets good tasks, and then one that fails, which it may hand on to another queue. A worker that
    publishes nothing conforms.
    """
    worker = bench.start_worker()
    for task in [bench.send() for _ in range(2)]:
        worker.finishes(task)
    failing = bench.send_failing()
    worker.receives(failing)
    attempts_end(bench, worker, failing)

    bench.stays(lambda: publishes_on_another_connection(worker.ledger))


@clause("W32", "removes-nothing", core, must, owed_by=worker, source=TUTORIAL_TWO)
def test_the_worker_removes_nothing(bench: Bench) -> None:
    """A worker never removes what others have queued: it neither purges nor deletes the queue, at its start or
    later.

    Tasks wait before the worker starts, and more come while it works. Then a second worker starts, and the first
    is told to stop (SIGTERM). The wire must show no purge and no delete of the queue, and every task must be
    finished by one of the workers.
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
        bench.somebody_finishes(task)

    first.is_stopped_by_a_supervisor()

    judge_removals()


@clause("W31", "a-dot-is-a-unit", core, must, owed_by=worker, source=TUTORIAL_TWO)
def test_a_dot_is_a_unit_of_work(bench: Bench) -> None:
    """One dot is one unit of work, whatever else the task says, and a worker works on no more tasks at once than
    its concurrency: one after another if nothing else is agreed.

    A long text without a dot must take less time than a short text with many dots. The short text has dots in its
    middle and at its end. It must take the time of all these dots, and so must a second task with the same text.
    Tasks that wait together behind another task must not run at the same time. If the worker may hold several
    tasks, it gets twice as many together as it may work on at once. Their deliveries and acknowledgements must be
    possible without more tasks at work than that.
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

    if bench.subject.prefetch == 1:
        together = bench.send_together(bench.subject.dots(0.5), 2, 2, 2)
        finished = [worker.finishes(task) for task in together]
        judge(one_after_another(finished, [task.dots * unit for task in together]))
    else:
        limit = bench.subject.concurrency
        for task in bench.send_together(*[bench.subject.dots(0.5)] * (2 * limit)):
            worker.finishes(task)
        judge(at_work_at_most(limit, worker.ledger.deliveries, bench.work))


@clause("W34", "declares-durable", core, must, owed_by=worker, source=DURABILITY)
def test_the_worker_declares_a_durable_queue(bench: Bench) -> None:
    """If the worker declares the queue, it declares the queue durable, not exclusive and not auto-delete, so that
    the tasks survive the end of the programs and a restart of the broker.
    """
    worker = bench.start_worker()
    worker.settles(bench.send())

    judge(declared_durable(worker.ledger.declarations, bench.subject.queue))


@clause("W36", "lets-tasks-wait", production, must, owed_by=worker, source=f"{EXPIRATION}; {LENGTH_LIMIT}")
def test_the_worker_lets_tasks_wait(bench: Bench) -> None:
    """Nothing that the worker asks of the broker causes a task to be dropped because no worker comes for it, or
    while it waits to be tried again.

    The worker gets a good task, and a task that fails if tasks can be made to fail. If the worker declares the
    queue, it sets no `x-expires`. It sets `x-message-ttl` only if the messages that are too old go to a dead letter
    exchange. It limits the queue's length only if the messages over the limit go to a dead letter exchange or are
    refused (`x-overflow`). If the worker puts a task on the queue again, as it may do in any test, the message has
    no `expiration`. If it declares a retry queue, whose dead letters come back to this queue, the retry queue does
    not expire (`x-expires`) before its messages do.
    """
    worker = bench.start_worker()
    worker.settles(bench.send())
    if bench.subject.has_failing_tasks:
        worker.tries([bench.send_failing()])

    judge(lets_tasks_wait(worker.ledger, bench.subject.queue))


_ROUND = 12
"""Tasks after which it is counted what a worker has open."""


@clause("W38", "leaks-no-channels", production, must, owed_by=worker, source=LEAKS)
@pytest.mark.parametrize(
    "send", [Bench.send, Bench.send_failing], ids=["tasks that are done", "tasks that fail"]
)
def test_the_worker_leaks_no_channels(bench: Bench, send: Callable[[Bench, int], Task]) -> None:
    """A worker opens nothing for a task that it does not close again: no connection, no channel, no subscription
    and no queue of its own. A broker has room for a limited number of them, by default for 2047 channels on a
    connection.

    The worker gets a dozen tasks that are done, or a dozen that fail, and again, until there are no more things
    open after a dozen than before it. Each of the worker's threads may open something when it gets its first task.
    So there are four such rounds, and one more for each task more that the worker may work on at once. If more was
    open after each round, the worker has time to close the rest. The tasks of a worker that works on several at
    once take a moment each, so that they overlap.
    """
    worker = bench.start_worker()
    dots = bench.subject.dots(0.2) if bench.subject.concurrency > 1 else 0
    worker.settles(bench.send())
    opened = [worker.open_at_the_broker]

    for _ in range(3 + bench.subject.concurrency):
        worker.tries([send(bench, dots) for _ in range(_ROUND)])
        opened.append(worker.open_at_the_broker)
        if leaks_nothing(opened, _ROUND):
            return
    bench.eventually(lambda: leaks_nothing([*opened[:-1], worker.open_at_the_broker], _ROUND))


@clause("W51", "keeps-to-frame-max", production, must, owed_by=worker, source=AMQP_TUNING)
def test_the_worker_keeps_to_the_frame_max(bench: Bench) -> None:
    """A worker agrees to no larger `frame_max` than the broker offers, and sends no larger frame than agreed.

    The broker offers 8192 bytes, as it may be configured to. The worker gets a task of 20 kB. If tasks can be made
    to fail, it gets another task of 20 kB that fails, because it may publish that task again. The worker may answer
    less than is offered. If it answers 0, which means no limit, its frames must fit into what is offered. A frame
    whose payload alone has `frame_max` bytes is accepted, because RabbitMQ accepts it.
    """
    line = SmallFrames()
    worker = bench.start_worker(faults=line)
    large = bench.random.randbytes(10_000).hex()
    worker.settles(bench.send(also=large))
    judge(keeps_to_frame_max(line.sizes))

    if bench.subject.has_failing_tasks:
        worker.tries([bench.send_failing(also=large)])
        judge(keeps_to_frame_max(line.sizes))


@clause("W52", "agrees-to-8192", production, should, owed_by=worker, source=FRAME_MAX)
def test_the_worker_agrees_to_8192_bytes(bench: Bench) -> None:
    """The `frame_max` that a worker agrees to is at least 8192 bytes.

    RabbitMQ refuses less from 4.1 on, and accepts less before. The worker may answer 0, which means no limit, and
    all that the broker offers, if that is less.
    """
    worker = bench.start_worker()
    worker.settles(bench.send())
    judge(large_enough_frame_max(worker.ledger))


@clause("W53", "keeps-no-task-in-memory", production, should, owed_by=worker, source=MEMORY)
def test_the_worker_keeps_no_task_in_memory(bench: Bench) -> None:
    """A worker does not keep in its memory the tasks that it has done. Its memory stops growing before it has kept
    128 MB of them.

    The worker gets eight tasks of 1 MB each. Afterwards the memory of its processes must have grown by less than
    four fifths of that. If it has grown by more, the worker gets eight tasks again, and so on up to 128 MB, because
    many runtimes collect garbage only now and then, and begin with a small heap. It is enough if the memory stops
    growing for sixteen tasks.

    A worker on the runtime of Java or .NET is not judged: these runtimes may collect garbage even later, because
    the size of their heap depends on the machine. The processes of the worker must run on this machine, and its
    tasks must be plain text, since a producer that wraps them cannot be given 1 MB.
    """
    if bench.subject.envelope:
        raise NotJudged("large tasks cannot be wrapped as the program's own producer wraps them")
    worker = bench.start_worker()
    worker.settles(bench.send())
    memory = WatchedMemory(worker)
    while not memory.is_decided:
        memory.measure_after([bench.send(also=bench.random.randbytes(500_000).hex()) for _ in range(8)])
    judge(memory.growth)


@clause("W54", "is-idle-without-tasks", production, should, owed_by=worker, source=CPU_TIME)
def test_the_worker_is_idle_without_tasks(bench: Bench) -> None:
    """A worker that has nothing to do uses little CPU time: less than a tenth of what a busy loop would use.

    The worker has finished a task, or as many as fill it, and there is no other. The CPU time of all its processes
    is measured for a second, up to ten times: a runtime may compile or collect garbage at first. It is enough if
    the worker is idle in one of these seconds. A busy loop gets less than a core on a busy machine, so the suite
    runs a busy loop of its own for a moment before each measurement, and compares. A worker that uses less than a
    twentieth of a core is always idle. The processes of the worker must run on this machine.
    """
    worker = bench.start_worker()
    for task in bench.send_handful(0):
        worker.finishes(task)
    bench.stays(lambda: all_settled(worker.ledger.deliveries))

    judge(idle_cpu_time(worker))
