"""Failing tasks: what a worker does with a task that cannot be done, and with a message that is no task.

A task that fails is not done, so it must not count as done. But it must not keep the worker from the next task
either, nor be tried without end, nor vanish. In these tests a task whose text holds the word `error` fails.
"""

from collections.abc import Callable

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.failed_task import attempts_end, make_redelivered, queue_with
from workqueue_spec.bench.faults import HeldConfirms
from workqueue_spec.bench.parties import Worker
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.failing import (
    MOST_ATTEMPTS,
    counted_by_the_broker,
    leaves_a_trace,
    no_longer_held,
    not_acknowledged_though_failed,
    retried_within_bounds,
)
from workqueue_spec.judgement.verdicts.handing_on import handed_on_safely
from workqueue_spec.judgement.verdicts.settlement import all_settled
from workqueue_spec.programs.envelope import UNASKED_FOR, plain
from workqueue_spec.specification.clauses import clause, may, must, production, should, worker
from workqueue_spec.timeouts import EVENTUALLY

from .sources import ACKNOWLEDGMENT, CONFIRMS, CONSUMERS, DEAD_LETTERS, QUORUM, RELIABILITY, TUTORIAL_TWO

KINDS = [(0, 2), (1, 2), (0, 300)]
"""A quick task, a slow one, and one with a long text: the dots and the words of tasks that are tried in turn."""


@clause("W07", "failure-is-not-done", production, must, owed_by=worker, source=ACKNOWLEDGMENT)
def test_a_failed_task_is_not_acknowledged(bench: Bench) -> None:
    """A worker does not acknowledge a task that failed.

    The worker finishes a good task. Then it is started anew and gets tasks that fail, quickly or slowly, with
    short texts and a long one. The first of them is a redelivery. The worker must let go of each failing task
    that it takes in another way: it rejects the task, requeues it, leaves it unacknowledged until its channel
    ends, or hands it on to another queue before it acknowledges it here.
    """
    before = bench.start_worker()
    before.finishes(bench.send())
    before.kill()
    first = bench.send_failing()
    make_redelivered(bench, first)
    kinds = zip(bench.random.sample([0, 0, 1, 2], 4), bench.random.sample([1, 2, 3, 300], 4), strict=True)
    failing = [first, *(bench.send_failing(dots, words=words) for dots, words in kinds)]
    worker = bench.start_worker()
    worker.receives(first)

    def come_to_an_end() -> bool:
        tries = [worker.deliveries(task) for task in failing]
        each_tried = all(no_longer_held(deliveries[:1]) for deliveries in tries)
        return each_tried or max(map(len, tries)) > MOST_ATTEMPTS or not worker.process.running

    bench.history.wait(lambda _: come_to_an_end(), EVENTUALLY)

    for task in failing:
        if worker.deliveries(task):
            _is_let_go_unacknowledged(bench, worker, task)


def _is_let_go_unacknowledged(bench: Bench, worker: Worker, task: Task) -> None:
    bench.eventually(lambda: no_longer_held(worker.deliveries(task)[:1]))
    bench.stays(
        lambda: not_acknowledged_though_failed(worker.deliveries(task), bench.ledger.publications, task)
    )


@clause("W08", "failure-does-not-end-it", production, must, owed_by=worker, source=CONSUMERS)
def test_a_failed_task_does_not_end_the_worker(bench: Bench) -> None:
    """A task that fails does not end the worker: it goes on with the next task.

    Good tasks and failing ones come in turn. The worker must get every task and finish every good one. The first
    task that fails is a redelivery. The others are quick and slow, with short texts and a long one.
    """
    bench.start_worker().kill()
    redelivered = bench.send_failing()
    make_redelivered(bench, redelivered)
    worker = bench.start_worker()
    worker.receives(redelivered)
    worker.finishes(bench.send())

    sizes, lengths = bench.random.sample([0, 0, 0, 0, 1, 2], 6), bench.random.sample([0, 1, 2, 3, 4, 300], 6)
    for dots, words in zip(sizes, lengths, strict=True):
        failing, good = bench.send_failing(dots, words=words), bench.send()
        worker.receives(failing)
        worker.finishes(good)


@clause("W09", "retries-within-bounds", production, must, owed_by=worker, source=QUORUM)
def test_a_poison_task_is_retried_within_bounds(bench: Bench) -> None:
    """A task that always fails is retried a bounded number of times at a bounded rate, or not at all.

    A task that fails quickly, one that fails slowly and one with a long text are watched in turn, each until the
    worker does not get it any more. Meanwhile a task behind each of them must be finished. If a task is still
    tried, slowly, after a long watch, the clause is not judged: nobody can tell from outside whether that ever
    ends.
    """
    worker = bench.start_worker()
    for dots, words in KINDS:
        poison = bench.send_failing(dots, words=words)
        worker.receives(poison)
        behind = bench.send()

        at_rest = attempts_end(bench, worker, poison)

        judge(retried_within_bounds(worker.deliveries(poison)))
        worker.finishes(behind)
        if not at_rest:
            tried = len(worker.deliveries(poison))
            raise NotJudged(
                f"tried {tried} times, at a bounded rate, and not yet at rest: its end cannot be seen"
            )


@clause("W10", "failure-leaves-a-trace", production, must, owed_by=worker, source=DEAD_LETTERS)
def test_a_task_that_is_given_up_leaves_a_trace(bench: Bench) -> None:
    """A task that is given up is dead-lettered or logged. It never disappears silently.

    When a failing task is no longer tried, it must be on some queue that the program declared or published to; or
    the program's output (standard output or error) must tell more about it than about tasks that went well. This
    must hold for a task that fails quickly, for one that fails slowly and for one with a long text.
    """
    worker = bench.start_worker()
    good = [bench.send(dots, words=words) for dots, words in KINDS]
    for task in good:
        worker.finishes(task)
    bench.stays(lambda: all_settled(worker.ledger.deliveries))
    usual = worker.output_lines()

    given_up: list[tuple[Task, list[str]]] = []
    for dots, words in KINDS:
        before = len(worker.output_lines())
        failing = bench.send_failing(dots, words=words)
        worker.receives(failing)
        if not attempts_end(bench, worker, failing):
            break
        given_up.append((failing, worker.output_lines()[before:]))
        if not worker.process.running:
            break

    if not given_up:
        raise NotJudged("a task that fails is held or tried again as long as anybody looks (W09)")
    for task, said in given_up:
        deliveries = worker.deliveries(task)
        judge(leaves_a_trace(deliveries, queue_with(bench, task), said, usual, [*good, task]))


@clause("W37", "hands-on-safely", production, must, owed_by=worker, source=CONFIRMS)
def test_a_failed_task_is_handed_on_safely(bench: Bench) -> None:
    """A worker that hands a failed task on, to another queue or to another attempt, acknowledges the task only
    when the broker has its copy: the copy is confirmed, or is in one transaction with the acknowledgement. The
    copy is persistent, and a queue that is declared for it is durable.

    The broker's confirms are held back until the failed task is no longer tried, or long enough to see that it is
    tried again and again. Then the confirms are released. A worker that hands nothing on conforms.
    """
    worker = bench.start_worker()
    worker.settles(bench.send())
    confirms = HeldConfirms()
    confirms(worker.tap)  # not earlier: at its start it may publish, and wait for that confirm
    failing = bench.send_failing()
    worker.receives(failing)

    attempts_end(bench, worker, failing)
    judge(handed_on_safely(worker.ledger, failing))

    confirms.release()
    worker.tries([failing])
    judge(handed_on_safely(worker.ledger, failing))


@clause("W11", "attempts-are-counted", production, should, owed_by=worker, source=QUORUM)
def test_attempts_are_counted_by_the_broker(bench: Bench) -> None:
    """A worker that retries counts attempts in a way that the broker counts, too, so that the count survives the
    end of the worker.

    The broker counts the returns of a message to a quorum queue (`x-delivery-count`), and its passages through a
    dead letter exchange (`x-death`). One of these headers must be on each delivery after the first.
    """
    worker = bench.start_worker()
    poison = bench.send_failing()
    worker.receives(poison)

    attempts_end(bench, worker, poison)

    if len(worker.deliveries(poison)) == 1:
        raise NotJudged("a failed task is not tried again, so there is nothing to count")
    judge(counted_by_the_broker(worker.deliveries(poison)))


@clause("W22", "duplicates", production, may, owed_by=worker, source=RELIABILITY)
def test_a_duplicate_is_dropped_or_done_again(bench: Bench) -> None:
    """A worker may drop a task whose message_id it has seen before. Whether it drops the task or does it again,
    it settles the task.

    The same task is sent twice with the same message_id, as a producer does that received no confirm. Both must
    be settled, and a task behind them must be finished.
    """
    worker = bench.start_worker()
    task = bench.task(dots=1)
    message = bench.message(task).with_id(task.token)
    for _ in range(2):
        bench.put(message, shown=str(task))

    worker.finishes(bench.send())

    bench.eventually(lambda: all_settled(worker.deliveries(task)))


NO_TASKS: dict[str, Callable[[bytes], bytes]] = {
    "not UTF-8": lambda mark: mark + b" \xff\xfe\xe9\x00 caf\xe9",
    "empty": lambda mark: b"",
    "a megabyte": lambda mark: mark + b" word" * 200_000,
}


@clause("W23", "survives-any-body", production, must, owed_by=worker, source=TUTORIAL_TWO)
@pytest.mark.parametrize("kind", NO_TASKS)
def test_no_body_ends_the_worker(bench: Bench, kind: str) -> None:
    """A body that is not UTF-8, or is empty, or is very long, does not end the worker. Message properties that
    the worker does not know do not end it either.

    The worker may reject that body or work on it, but it must have received it. Behind it come good tasks, one
    that has headers, an id and other properties that no worker expects, and others without them. The worker must
    finish them.
    """
    worker = bench.start_worker()
    odd = bench.task()
    body = NO_TASKS[kind](odd.mark)
    bench.put(plain(body))
    worker.receives_body(body)

    worker.finishes(bench.send(dots=1, properties=UNASKED_FOR))
    worker.finishes(bench.send())

    worker.finishes(bench.send())
