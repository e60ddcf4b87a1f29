"""Where a task is that failed: with a worker, on a queue, or nowhere."""

import time
from collections.abc import Sequence

from pamqp import commands

from ..judgement.encodings import holds
from ..judgement.ledger import ledger
from ..judgement.tasks import Task
from ..judgement.verdicts import NotJudged
from ..judgement.verdicts.failing import MANY, no_longer_held, retried_within_bounds
from ..judgement.verdicts.fate import seconds_on
from ..timeouts import EVENTUALLY, POLL, QUIET
from .bench import Bench
from .parties import Worker

DIRECT_REPLIES = "amq.rabbitmq.reply-to"
"""A name that can be declared and consumed, but is no queue: RabbitMQ's direct reply-to."""


def is_taken_and_given_up(bench: Bench, task: Task) -> None:
    """Somebody takes the task, which waits on the queue, and goes without a word: it is there again, marked as
    redelivered. No worker may be there.
    """
    somebody = bench.connect()
    somebody.consumes(bench.subject.queue)
    somebody.receives(task)
    somebody.close()
    bench.queue_becomes(ready=1)


ELSEWHERE = "workqueue-spec.elsewhere"
"""The queue of somebody else's on which a task has died, and the exchange of its dead letters."""


def send_that_died_elsewhere(bench: Bench, times: int, dots: int) -> Task:
    """Puts a task on the queue under test that was rejected so many times on another queue: each dead letter came
    back to that queue, and the last comes to the one under test. Raises NotJudged if the broker does not do so.
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


def comes_to_rest(bench: Bench, worker: Worker, task: Task) -> bool:
    """Waits until the worker has let the task go and is not given it again, and says whether it came so far.

    It did not where the task is still tried again after a long time, or far too often to look on.
    """
    deadline = time.monotonic() + EVENTUALLY
    while time.monotonic() < deadline:
        so_far = len(worker.deliveries(task))
        again = bench.history.wait(lambda _, n=so_far: len(worker.deliveries(task)) > n, 2 * QUIET)  # type: ignore[misc]
        if so_far and not retried_within_bounds(worker.deliveries(task)):
            return False
        counts = bench.queue()
        waiting = worker.process.running and counts is not None and counts.ready > 0
        if not again and not waiting and no_longer_held(worker.deliveries(task)):
            return True
    return False


def come_to_rest(bench: Bench, worker: Worker, tasks: Sequence[Task]) -> bool:
    """Waits until the worker has let each of the tasks go and is given none of them again, and says whether it came
    so far, as `comes_to_rest` does for one.
    """
    deadline = time.monotonic() + EVENTUALLY
    while time.monotonic() < deadline:
        so_far = _deliveries(worker, tasks)
        again = bench.history.wait(lambda _, n=so_far: _deliveries(worker, tasks) > n, 2 * QUIET)  # type: ignore[misc]
        if not all(len(worker.deliveries(task)) <= MANY for task in tasks):
            return False
        if not again and all(no_longer_held(worker.deliveries(task)) for task in tasks):
            return True
    return False


def _deliveries(worker: Worker, tasks: Sequence[Task]) -> int:
    return sum(len(worker.deliveries(task)) for task in tasks)


def ends_of(bench: Bench, worker: Worker, tasks: Sequence[Task]) -> dict[Task, str | None]:
    """The queue on which each of the tasks lies for good, when all that wait to be tried again have been; None for
    one that is on no queue. Raises NotJudged if one of them comes to no end.
    """
    deadline = time.monotonic() + 2 * EVENTUALLY
    while time.monotonic() < deadline:
        if not come_to_rest(bench, worker, tasks):
            raise NotJudged("a task that fails is held or tried again as long as anybody looks (W09)")
        before = _deliveries(worker, tasks)
        found = {task: place_of(bench, worker, task) for task in tasks}
        if _deliveries(worker, tasks) > before:
            continue
        waits = [
            seconds
            for task, name in found.items()
            if name and (seconds := seconds_on(worker.ledger, name, task)) and seconds <= EVENTUALLY
        ]
        if not waits:
            return found
        bench.history.wait(lambda _, n=before: _deliveries(worker, tasks) > n, max(waits) + QUIET)  # type: ignore[misc]
    raise NotJudged("a task that fails waits to be tried again as long as anybody looks")


def place_of(bench: Bench, worker: Worker, task: Task) -> str | None:
    """The queue on which the task lies, or from which the worker has it: it may hold a task that it is to try again
    later, on a queue of its own for that. None: neither, and it does not come again.

    A task may go from one queue to another while somebody looks at both, so it is looked for twice.
    """
    before = len(worker.deliveries(task))
    for _ in range(2):
        if (place := _held_from(bench, worker, task) or queue_with(bench, task)) is not None:
            return place
        bench.history.wait(lambda _: len(worker.deliveries(task)) > before, 2 * QUIET)
        if len(worker.deliveries(task)) > before:
            return bench.subject.queue
    return None


def _held_from(bench: Bench, worker: Worker, task: Task) -> str | None:
    held = [
        each.queue for each in ledger(bench.history.events, worker.who).of(task.mark) if not each.held_until
    ]
    return held[-1] if held else None


def is_found(bench: Bench, task: Task, seconds: float = EVENTUALLY) -> str | None:
    """Looks for the task, and goes on looking for so many seconds: the queue on which it lies, or None.

    As `queue_with`, it is the last question of a test.
    """
    deadline = time.monotonic() + seconds
    while (name := queue_with(bench, task)) is None and time.monotonic() < deadline:
        time.sleep(POLL)
    return name


def queue_with(bench: Bench, task: Task) -> str | None:
    """The queue on which the task lies, of all that anybody declared or published to; None where none has it.

    It is taken out, looked at and put back, so this is the last question to be asked in a test.
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
    """Every queue that was named on the wire, the one under test first."""
    names: list[str | None] = [bench.subject.queue]
    for event in bench.history.events:
        method = event.wire.method if event.wire is not None else None
        if isinstance(method, commands.Queue.DeclareOk):
            names.append(method.queue)
        elif isinstance(method, commands.Basic.Publish) and not method.exchange:
            names.append(method.routing_key)
    return list(dict.fromkeys(name for name in names if name and not name.startswith(DIRECT_REPLIES)))
