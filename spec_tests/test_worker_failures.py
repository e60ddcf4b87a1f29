"""Failing tasks: what a worker does with a task that cannot be done, and with a message that is no task.

A task that fails is not done, so it must not count as done. But it must not keep the worker from the next task
either, nor be tried without end, nor vanish. In these tests a task whose text holds the word `error` fails.
"""

from collections.abc import Callable

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.failed_task import (
    attempts_end,
    final_queues,
    make_redelivered,
    queue_of,
    queue_with,
    send_dead_lettered,
    wait_for_queue_with,
)
from workqueue_spec.bench.faults import HeldConfirms
from workqueue_spec.bench.parties import Worker
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.copying import keeps_the_id, keeps_the_rest
from workqueue_spec.judgement.verdicts.failing import (
    MOST_ATTEMPTS,
    counted_by_the_broker,
    leaves_a_trace,
    no_longer_held,
    not_acknowledged_though_failed,
    retried_within_bounds,
)
from workqueue_spec.judgement.verdicts.fate import (
    dead_letter_exchange,
    delivery_limit,
    each_is_found,
    foreign_dead_letter_exchange,
    foreign_exchanges,
    handed_on_to,
    is_kept,
)
from workqueue_spec.judgement.verdicts.handing_on import (
    destinations_of_copies,
    handed_on_safely,
    kept_when_its_destination_is_gone,
)
from workqueue_spec.judgement.verdicts.redelivery import headers
from workqueue_spec.judgement.verdicts.routing import consumed, declaration
from workqueue_spec.judgement.verdicts.settlement import acknowledged_after, all_settled
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
    ends, or hands it on to another queue before it acknowledges it here. The same holds for another worker that is
    told to leave (SIGTERM) while it has a failing task in hand.
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

    worker.kill()
    leaving = bench.start_worker()
    in_hand = bench.send_failing(bench.subject.dots(1.0))
    # It does not get the task if it tries the others for ever, which W09 judges.
    bench.history.wait(lambda _: leaving.deliveries(in_hand), EVENTUALLY)
    leaving.is_stopped_by_a_supervisor()
    if leaving.deliveries(in_hand):
        judge(not_acknowledged_though_failed(leaving.deliveries(in_hand), bench.ledger.publications, in_hand))


def _is_let_go_unacknowledged(bench: Bench, worker: Worker, task: Task) -> None:
    bench.eventually(lambda: no_longer_held(worker.deliveries(task)[:1]))
    bench.stays(
        lambda: not_acknowledged_though_failed(worker.deliveries(task), bench.ledger.publications, task)
    )


@clause(
    "W08", "failure-does-not-end-it", production, must, owed_by=worker, source=CONSUMERS, presumes=("B34",)
)
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


@clause("W09", "retries-within-bounds", production, must, owed_by=worker, source=QUORUM, presumes=("B34",))
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
    when the broker has its copy on a queue: the copy is confirmed, or is in one transaction with the
    acknowledgement. The copy is persistent, and a queue that is declared for it is durable.

    The broker's confirms are held back until the failed task is no longer tried, or long enough to see that it is
    tried again and again. Then the confirms are released. If the copy went to another queue than that of the tasks,
    this queue is deleted, and another task fails. The worker must not acknowledge this task for a copy that the
    broker confirms and drops; `mandatory` lets the worker know. A worker that hands nothing on conforms.
    """
    worker = bench.start_worker()
    worker.settles(bench.send())
    confirms = HeldConfirms()
    confirms(worker.tap)  # not earlier: at its start it may publish, and wait for that confirm
    failing = bench.send_failing()
    worker.receives(failing)

    attempts_end(bench, worker, failing)
    judge(handed_on_safely(bench.known(worker.ledger), failing))

    confirms.release()
    bench.history.wait(
        lambda _: no_longer_held(worker.deliveries(failing)) or not worker.process.running, EVENTUALLY
    )
    judge(handed_on_safely(bench.known(worker.ledger), failing))

    places = destinations_of_copies(bench.known(bench.history.ledger(worker.name)), failing)
    if not places or not worker.process.running:
        return
    client = bench.connect()
    for place in places:
        client.deletes(place)
    another = bench.send_failing()
    worker.receives(another)
    attempts_end(bench, worker, another)
    judge(kept_when_its_destination_is_gone(worker.ledger, another, queue_of(bench, worker, another)))


@clause("W11", "attempts-are-counted", production, should, owed_by=worker, source=QUORUM, presumes=("B34",))
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


@clause("W23", "survives-any-body", production, must, owed_by=worker, source=TUTORIAL_TWO, presumes=("B41",))
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

    worker.finishes(bench.send(dots=1, properties=UNASKED_FOR, with_id=True))
    worker.finishes(bench.send())

    worker.finishes(bench.send())


MOST_LOSSES = 50
"""The highest delivery limit for which a task is lost as often as it takes to exceed the limit."""


@clause(
    "W40",
    "lost-again-and-again-is-kept",
    production,
    must,
    owed_by=worker,
    source=f"{QUORUM}; {DEAD_LETTERS}",
    presumes=("B18", "B25"),
)
def test_a_task_that_kills_its_workers_is_kept(bench: Bench) -> None:
    """If a task is lost with its worker again and again, it is not dropped. If the worker declares the queue with a
    limit of deliveries (`x-delivery-limit`), a task above the limit goes to a dead letter exchange.

    A client takes the task and ends without acknowledging it, as often as the limit allows. Then a worker that has
    the task in hand is killed. The task must be on a queue. A worker that sets no limit conforms.
    """
    first = bench.start_worker()
    first.finishes(bench.send())
    queue, declarations = bench.subject.queue, bench.known(first.ledger).declarations
    limit = delivery_limit(declarations, queue)
    if limit is None:
        return
    if limit > MOST_LOSSES:
        raise NotJudged(f"a task is delivered {limit + 1} times, too often to lose it each time")
    first.kill()
    task = bench.send_endless()
    for _ in range(limit):
        make_redelivered(bench, task)
    second = bench.start_worker()
    second.receives(task)

    second.kill()

    found = wait_for_queue_with(bench, task)
    if found is None and (exchange := dead_letter_exchange(declarations, queue)) is not None:
        raise NotJudged(f"the program declares no queue for the dead letter exchange '{exchange}'")
    judge(is_kept(task, found))


@clause("W41", "handed-on-is-found", production, must, owed_by=worker, source=DEAD_LETTERS)
def test_what_is_handed_on_is_found(bench: Bench) -> None:
    """If a worker hands a failed task on to a queue that it declares itself, by a copy or by a dead letter
    exchange, the task is not lost there or on its way back. The task is tried again or is on a queue, and so is
    each other task that was handed on.

    Three tasks fail. The test waits until none of them is tried again, or waits to be tried again. Then each task
    that was handed on at the end of its last attempt must be on a queue. A worker that hands nothing on conforms.
    If a dead letter exchange or a queue behind it may have to be declared by somebody else, a lost task cannot be
    judged, unless the run was given what somebody else makes (`definitions`). Nor can a task in a queue from
    which the worker takes the messages itself.
    """
    worker = bench.start_worker()
    worker.settles(bench.send())
    failing = [bench.send_failing(with_id=True) for _ in range(3)]
    worker.tries(failing)
    if not worker.process.running:
        raise NotJudged("the worker ends because of a failed task (W08)")
    if not all(worker.deliveries(task) for task in failing):
        raise NotJudged("the worker does not come to all of the failed tasks (W08)")

    ends = final_queues(bench, worker, failing)

    book, queue = bench.known(worker.ledger), bench.subject.queue
    to_nowhere: dict[Task, list[str]] = {}
    for task in failing:
        if ends[task] is None and (exchange := foreign_dead_letter_exchange(book, task)) is not None:
            if bench.subject.definitions is None:
                raise NotJudged(
                    f"it rejects a failed task, and its queue dead-letters to '{exchange}', for which the program "
                    "declares no queue: somebody else may have to declare it"
                )
            to_nowhere[task] = [exchange]
    takes_itself = consumed(bench.history.ledger(worker.name)) - set(bench.subject.queues)
    handed_on = to_nowhere | {
        task: places
        for task in failing
        if (places := handed_on_to(book, task)) and takes_itself.isdisjoint(places)
    }
    for place in {place for task, places in handed_on.items() if ends[task] is None for place in places}:
        for exchange in foreign_exchanges(book, queue, place):
            if bench.subject.definitions is None and (
                declaration(book, queue) is None or bench.control.has_exchange(exchange)
            ):
                raise NotJudged(f"'{place}' dead-letters to '{exchange}', which may be somebody else's")
    judge(each_is_found(ends, handed_on))


@clause("W42", "retries-under-the-same-id", production, must, owed_by=worker, source=RELIABILITY)
def test_a_retry_has_the_same_id(bench: Bench) -> None:
    """A worker that hands a failed task on as a copy, to another attempt or another queue, gives the copy the
    `message_id` of the task, if the task has one. By this id a worker recognises a task that it has done before.

    A task with an id fails. If the program has an envelope for its tasks, the id is the one that its own producer
    sets, if it sets one. The id may also be somewhere else in the copy. A worker that makes no copy conforms.
    """
    worker = bench.start_worker()
    failing = bench.send_failing(with_id=not bench.subject.envelope)
    worker.receives(failing)

    worker.tries([failing])

    judge(keeps_the_id(bench.known(worker.ledger), failing))


@clause(
    "W43",
    "retries-with-all-it-had",
    production,
    should,
    owed_by=worker,
    source=RELIABILITY,
    presumes=("B34",),
)
def test_a_retry_has_all_that_the_task_had(bench: Bench) -> None:
    """A worker that hands a failed task on as a copy gives the copy the other properties of the task too, such as
    its type and its priority, and its headers, by which others trace the task.

    A task fails that has headers and properties that the worker did not ask for. If the program has an envelope for
    its tasks, they are those that its own producer sets. The values of headers may change. A worker that makes no
    copy conforms.
    """
    worker = bench.start_worker()
    failing = bench.send_failing(properties={} if bench.subject.envelope else UNASKED_FOR)
    worker.receives(failing)

    worker.tries([failing])

    judge(keeps_the_rest(bench.known(worker.ledger), failing))


@clause(
    "W44",
    "counts-its-own-attempts",
    production,
    should,
    owed_by=worker,
    source=DEAD_LETTERS,
    presumes=("B24",),
)
def test_a_task_that_died_elsewhere_is_worked_on(bench: Bench) -> None:
    """A worker that counts attempts counts those of its own queue only. It works on a good task that was
    dead-lettered from another queue, however often, as on any other task.

    A task was rejected ten times on a queue that is not the worker's. The last time it was dead-lettered to the
    queue under test, with all that in its `x-death` header. The worker must acknowledge it after the work, as it
    did with a usual task before.
    """
    first = bench.start_worker()
    usual = bench.send(bench.subject.dots(0.3))
    if not acknowledged_after(first.settles(usual), usual.dots * bench.subject.seconds_per_dot):
        raise NotJudged("the worker acknowledges no task after the work (W03)")
    first.kill()
    bench.queue_loses_its_consumers(bench.subject.queue)
    task = send_dead_lettered(bench, times=10, dots=usual.dots)

    worker = bench.start_worker()

    if "x-death" not in headers(worker.receives(task)):
        raise NotJudged("the broker sets no x-death header")
    judge(acknowledged_after(worker.settles(task), task.dots * bench.subject.seconds_per_dot))
    worker.finishes(task)
