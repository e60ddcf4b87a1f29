"""Where a failed task is: with a worker, on a queue, or nowhere."""

import time

from pamqp import commands

from ..judgement.encodings import holds
from ..judgement.tasks import Task
from ..judgement.verdicts.failing import no_longer_held, retried_within_bounds
from ..timeouts import EVENTUALLY, QUIET
from .bench import Bench
from .parties import Worker

DIRECT_REPLIES = "amq.rabbitmq.reply-to"
"""RabbitMQ's direct reply-to: a name that can be declared and consumed, but is no queue."""


def make_redelivered(bench: Bench, task: Task) -> None:
    """Has the task, which waits on the queue, delivered to a client that does not settle it and leaves. The queue
    has the task again then, marked as redelivered. No worker may run.
    """
    receiver = bench.connect_receiver()
    receiver.consumes(bench.subject.queue)
    receiver.receives(task)
    receiver.close()
    bench.queue_becomes(ready=1)


def attempts_end(bench: Bench, worker: Worker, task: Task) -> bool:
    """Waits until the worker no longer holds the task and is not given it again. Returns whether it came to that.

    It did not if the task is still tried after a long time, or if it is tried far too often.
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
    """The queue that holds the task, of all the queues that anybody declared or published to; None if none does.

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
    """Every queue that was named on the wire, with the queue under test first."""
    names: list[str | None] = [bench.subject.queue]
    for event in bench.history.events:
        method = event.wire.method if event.wire is not None else None
        if isinstance(method, commands.Queue.DeclareOk):
            names.append(method.queue)
        elif isinstance(method, commands.Basic.Publish) and not method.exchange:
            names.append(method.routing_key)
    return list(dict.fromkeys(name for name in names if name and not name.startswith(DIRECT_REPLIES)))
