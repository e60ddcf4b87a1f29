"""Where a failed task is: with a worker, on a queue, or nowhere."""

import time
from collections.abc import Sequence

from pamqp import commands

from ..judgement.encodings import holds
from ..judgement.tasks import Task
from ..judgement.verdicts import NotJudged
from ..judgement.verdicts.failing import MOST_ATTEMPTS, no_longer_held, retried_within_bounds
from ..judgement.verdicts.fate import seconds_until_it_leaves
from ..timeouts import EVENTUALLY, POLL, QUIET
from .bench import Bench
from .parties import Worker

DIRECT_REPLIES = "amq.rabbitmq.reply-to"
"""RabbitMQ's direct reply-to: a name that can be declared and consumed, but is no queue."""


def make_redelivered(bench: Bench, *tasks: Task) -> None:
    """Has the tasks, which wait on the queue, delivered to a client that does not settle them and leaves. The queue
    has them again then, marked as redelivered. No worker may run.
    """
    receiver = bench.connect_receiver()
    receiver.consumes(bench.subject.queue)
    for task in tasks:
        receiver.receives(task)
    receiver.close()
    bench.queue_becomes(ready=len(tasks))


ELSEWHERE = "workqueue-spec.elsewhere"
"""A queue that is not the worker's, on which a task dies, and the exchange of its dead letters."""


def send_dead_lettered(bench: Bench, times: int, dots: int) -> Task:
    """Puts a task on the queue under test that was rejected `times` times on another queue. Each time it was
    dead-lettered back to that queue, and the last time to the queue under test. Raises NotJudged if the broker
    drops the task before that.
    """
    task = bench.task(dots)
    message = bench.message(task)
    with bench.control.channel() as channel:
        channel.exchange_declare(ELSEWHERE, "fanout", durable=True)
        channel.queue_declare(ELSEWHERE, durable=True, arguments={"x-dead-letter-exchange": ELSEWHERE})
        channel.queue_bind(ELSEWHERE, ELSEWHERE)
        channel.basic_publish("", ELSEWHERE, message.body, message.as_pika())
        deaths, deadline = 0, time.monotonic() + EVENTUALLY
        while deaths < times and time.monotonic() < deadline:
            method, _, _ = channel.basic_get(ELSEWHERE)
            if method is None:
                time.sleep(POLL)
                continue
            deaths += 1
            if deaths == times:
                channel.queue_unbind(ELSEWHERE, ELSEWHERE)
                channel.queue_bind(bench.subject.queue, ELSEWHERE)
            channel.basic_reject(method.delivery_tag, requeue=False)
        if deaths < times:
            raise NotJudged(f"the broker drops a message that has died {deaths} times on one queue")
    bench.queue_becomes(ready=1)
    bench.history.add("suite", "sent", f"{task}, which died {deaths} times elsewhere")
    return task


def attempts_end(bench: Bench, worker: Worker, task: Task) -> bool:
    """Waits until the worker no longer holds the task and is not given it again. Returns whether it came to that.

    It did not if the task is still tried after a long time, or if it is tried far too often.
    """
    deadline = time.monotonic() + EVENTUALLY
    while time.monotonic() < deadline:
        so_far = len(worker.deliveries(task))
        again = _delivered_again(bench, worker, [task], so_far, 2 * QUIET)
        if so_far and not retried_within_bounds(worker.deliveries(task)):
            return False
        counts = bench.queue()
        waiting = worker.process.running and counts is not None and counts.ready > 0
        if not again and not waiting and no_longer_held(worker.deliveries(task)):
            return True
    return False


def all_attempts_end(bench: Bench, worker: Worker, tasks: Sequence[Task]) -> bool:
    """The same as `attempts_end`, for several tasks at once."""
    deadline = time.monotonic() + EVENTUALLY
    while time.monotonic() < deadline:
        so_far = _deliveries(worker, tasks)
        again = _delivered_again(bench, worker, tasks, so_far, 2 * QUIET)
        if not all(len(worker.deliveries(task)) <= MOST_ATTEMPTS for task in tasks):
            return False
        if not again and all(no_longer_held(worker.deliveries(task)) for task in tasks):
            return True
    return False


def _deliveries(worker: Worker, tasks: Sequence[Task]) -> int:
    return sum(len(worker.deliveries(task)) for task in tasks)


def _delivered_again(
    bench: Bench, worker: Worker, tasks: Sequence[Task], before: int, seconds: float
) -> bool:
    """Waits until the tasks were delivered more often than `before`, for at most `seconds`; returns whether so."""
    return bench.history.wait(lambda _: _deliveries(worker, tasks) > before, seconds)


def final_queues(bench: Bench, worker: Worker, tasks: Sequence[Task]) -> dict[Task, str | None]:
    """Waits until none of the tasks is tried again or waits to be tried again. Returns the queue that holds each of
    them then; None for a task that no queue holds. Raises NotJudged if it does not come to that.
    """
    deadline = time.monotonic() + 2 * EVENTUALLY
    while time.monotonic() < deadline:
        if not all_attempts_end(bench, worker, tasks):
            raise NotJudged("a task that fails is held, or is tried again and again (W09)")
        before = _deliveries(worker, tasks)
        found = {task: queue_of(bench, worker, task) for task in tasks}
        if _deliveries(worker, tasks) > before:
            continue
        waits = [
            seconds
            for task, name in found.items()
            if name
            and (seconds := seconds_until_it_leaves(bench.known(worker.ledger), name, task))
            and seconds <= EVENTUALLY
        ]
        if not waits:
            return found
        _delivered_again(bench, worker, tasks, before, max(waits) + QUIET)
    raise NotJudged("a task that fails waits again and again to be tried")


def queue_of(bench: Bench, worker: Worker, task: Task) -> str | None:
    """The queue that holds the task, or from which the worker holds it: a worker may hold a task on a retry queue
    of its own until the next attempt. None if neither is the case, and the task is not tried again.

    The queues are searched twice, because the task may move from one to the other during a search.
    """
    before = len(worker.deliveries(task))
    for _ in range(2):
        if (place := _held_from(bench, worker, task) or queue_with(bench, task)) is not None:
            return place
        if _delivered_again(bench, worker, [task], before, 2 * QUIET):
            return bench.subject.queue
    return None


def _held_from(bench: Bench, worker: Worker, task: Task) -> str | None:
    """The queue from which the worker holds the task, of all queues; None if it holds it from none."""
    held = [each.queue for each in bench.history.ledger(worker.name).of(task.mark) if not each.held_until]
    return held[-1] if held else None


def wait_for_queue_with(bench: Bench, task: Task, seconds: float = EVENTUALLY) -> str | None:
    """Waits until a queue holds the task, for at most `seconds`. Returns the queue, or None.

    Like `queue_with`, this must be the last question of a test.
    """
    deadline = time.monotonic() + seconds
    while (name := queue_with(bench, task)) is None and time.monotonic() < deadline:
        time.sleep(POLL)
    return name


def queue_with(bench: Bench, task: Task) -> str | None:
    """The queue that holds the task, of all the queues that anybody declared or published to, and of those that
    definitions make; None if none does.

    The messages are fetched and go back to the queue, so this must be the last question of a test.
    """
    for name in _queues(bench):
        if bench.control.counts(name) is None:
            continue
        with bench.control.channel() as channel:
            while True:
                method, _, body = channel.basic_get(name)
                if method is None:
                    break
                if holds(body, task.mark):
                    return name
    return None


def _queues(bench: Bench) -> list[str]:
    """Every queue that was named on the wire or in definitions, with the queue under test first."""
    definitions = bench.subject.definitions
    names: list[str | None] = [*bench.subject.queues]
    names += [each.name for each in definitions.queues] if definitions is not None else []
    for event in bench.history.events:
        method = event.wire.method if event.wire is not None else None
        if isinstance(method, commands.Queue.DeclareOk):
            names.append(method.queue)
        elif isinstance(method, commands.Basic.Publish) and not method.exchange:
            names.append(method.routing_key)
    return list(dict.fromkeys(name for name in names if name and not name.startswith(DIRECT_REPLIES)))
