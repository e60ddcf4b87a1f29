"""Where a task is that failed: with a worker, on a queue, or nowhere."""

import time

from pamqp import commands

from ..judgement.encodings import holds
from ..judgement.tasks import Task
from ..judgement.verdicts.failing import no_longer_held, retried_within_bounds
from ..timeouts import EVENTUALLY, QUIET
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
