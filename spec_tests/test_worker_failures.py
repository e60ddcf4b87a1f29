"""Failing tasks: what a worker does with a task that cannot be done, and with what is no task at all.

A task that fails is not done, so it must not count as done; but neither may it keep the worker from the next
one, be tried without end, or vanish. In these tests a task whose text holds the word `error` fails.
"""

from collections.abc import Callable

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.failed_task import (
    comes_to_rest,
    ends_of,
    is_found,
    is_taken_and_given_up,
    place_of,
    queue_with,
    send_that_died_elsewhere,
)
from workqueue_spec.bench.faults import HeldConfirms
from workqueue_spec.bench.parties import Worker
from workqueue_spec.judgement.ledger import ledger
from workqueue_spec.judgement.tasks import Task
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.copying import keeps_the_id, keeps_the_rest
from workqueue_spec.judgement.verdicts.failing import (
    MANY,
    counted_by_the_broker,
    leaves_a_trace,
    no_longer_held,
    not_acknowledged_though_failed,
    retried_within_bounds,
)
from workqueue_spec.judgement.verdicts.fate import (
    dead_letter_exchange,
    dead_letters_to_others,
    delivery_limit,
    each_is_found,
    is_kept,
    places_of,
    ways_of_others,
)
from workqueue_spec.judgement.verdicts.giving_up import headers
from workqueue_spec.judgement.verdicts.handing_on import (
    handed_on_safely,
    kept_when_its_place_is_gone,
    places_of_copies,
)
from workqueue_spec.judgement.verdicts.routing import declaration
from workqueue_spec.judgement.verdicts.settlement import acknowledged_after, all_settled
from workqueue_spec.programs.envelope import UNASKED_FOR, plain
from workqueue_spec.specification.clauses import clause, may, must, production, should, worker
from workqueue_spec.timeouts import EVENTUALLY

from .sources import ACKNOWLEDGMENT, CONFIRMS, CONSUMERS, DEAD_LETTERS, QUORUM, RELIABILITY, TUTORIAL_TWO

KINDS = [(0, 2), (1, 2), (0, 300)]
"""Quick, slow, and of a long text: the dots and the words of tasks that are tried in turn."""


@clause("W07", "failure-is-not-done", production, must, owed_by=worker, source=ACKNOWLEDGMENT)
def test_a_failed_task_is_not_acknowledged(bench: Bench) -> None:
    """A worker does not acknowledge a task that failed.

    It finishes a good task, and started anew it gets some that fail, quickly or slowly, of short texts and a long
    one, the first of them redelivered. Each that it takes it must let go in another way: reject it, give it back,
    leave it to the end of its channel, or hand it on to another queue before it acknowledges it here. So must
    another worker that is told to leave (SIGTERM) with such a task in hand.
    """
    before = bench.start_worker()
    before.finishes(bench.send())
    before.kill()
    first = bench.send_failing()
    is_taken_and_given_up(bench, first)
    kinds = zip(bench.random.sample([0, 0, 1, 2], 4), bench.random.sample([1, 2, 3, 300], 4), strict=True)
    failing = [first, *(bench.send_failing(dots, words=words) for dots, words in kinds)]
    worker = bench.start_worker()
    worker.receives(first)

    def come_to_an_end() -> bool:
        tries = [worker.deliveries(task) for task in failing]
        each_tried = all(no_longer_held(deliveries[:1]) for deliveries in tries)
        return each_tried or max(map(len, tries)) > MANY or not worker.process.running

    bench.history.wait(lambda _: come_to_an_end(), EVENTUALLY)

    for task in failing:
        if worker.deliveries(task):
            _is_let_go_unacknowledged(bench, worker, task)

    worker.kill()
    leaving = bench.start_worker()
    in_hand = bench.send_failing(bench.subject.dots(0.4))
    leaving.receives(in_hand)
    leaving.is_stopped_by_a_supervisor()
    judge(not_acknowledged_though_failed(leaving.deliveries(in_hand), bench.ledger.publications, in_hand))


def _is_let_go_unacknowledged(bench: Bench, worker: Worker, task: Task) -> None:
    bench.eventually(lambda: no_longer_held(worker.deliveries(task)[:1]))
    bench.stays(
        lambda: not_acknowledged_though_failed(worker.deliveries(task), bench.ledger.publications, task)
    )


@clause("W08", "failure-does-not-end-it", production, must, owed_by=worker, source=CONSUMERS)
def test_a_failed_task_does_not_end_the_worker(bench: Bench) -> None:
    """A task that fails does not end the worker: it goes on with the next one.

    Good tasks and failing ones come in turn, and the worker must get every one and finish every good one. The
    first that fails is redelivered, and the others are quick and slow, of short texts and a long one.
    """
    bench.start_worker().kill()
    redelivered = bench.send_failing()
    is_taken_and_given_up(bench, redelivered)
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

    One that fails quickly, one that fails slowly and one of a long text are watched in turn until the worker is
    given them no more. A task behind each must be finished meanwhile. Where it is still tried, slowly, after a
    long watch, nobody can tell from outside whether that ever ends.
    """
    worker = bench.start_worker()
    for dots, words in KINDS:
        poison = bench.send_failing(dots, words=words)
        worker.receives(poison)
        behind = bench.send()

        at_rest = comes_to_rest(bench, worker, poison)

        judge(retried_within_bounds(worker.deliveries(poison)))
        worker.finishes(behind)
        if not at_rest:
            tried = len(worker.deliveries(poison))
            raise NotJudged(
                f"tried {tried} times, at a bounded rate, and not yet at rest: its end cannot be seen"
            )


@clause("W10", "failure-leaves-a-trace", production, must, owed_by=worker, source=DEAD_LETTERS)
def test_a_task_that_is_given_up_leaves_a_trace(bench: Bench) -> None:
    """A task that is given up is dead-lettered or logged, never silently gone.

    When a failing task has come to rest it must lie on some queue that the program declared or published to,
    or the program's output (standard output or error) must tell more of it than it tells of tasks that went
    well. That holds for one that fails quickly, for one that fails slowly and for one of a long text.
    """
    worker = bench.start_worker()
    good = [bench.send(dots, words=words) for dots, words in KINDS]
    for task in good:
        worker.finishes(task)
    bench.stays(lambda: all_settled(worker.ledger.deliveries))
    usual = worker.said()

    given_up: list[tuple[Task, list[str]]] = []
    for dots, words in KINDS:
        before = len(worker.said())
        failing = bench.send_failing(dots, words=words)
        worker.receives(failing)
        if not comes_to_rest(bench, worker, failing):
            break
        given_up.append((failing, worker.said()[before:]))
        if not worker.process.running:
            break

    if not given_up:
        raise NotJudged("a task that fails is held or tried again as long as anybody looks (W09)")
    for task, said in given_up:
        deliveries = worker.deliveries(task)
        judge(leaves_a_trace(deliveries, queue_with(bench, task), said, usual, [*good, task]))


@clause("W37", "hands-on-safely", production, must, owed_by=worker, source=CONFIRMS)
def test_a_failed_task_is_handed_on_safely(bench: Bench) -> None:
    """A worker that hands a failed task on, to another queue or to another attempt, acknowledges it only when the
    broker has its copy on a queue: confirmed, or in one transaction with the acknowledgement. The copy is
    persistent, and the queue that is declared for it durable.

    The broker's confirms are held back until the task has come to rest, or for long enough to see that it does
    not; then they are let through. Then the queue to which it went, if it is another one than that of the tasks, is
    deleted, and another task fails: it may not be acknowledged for a copy that the broker confirms and drops
    (`mandatory` tells the worker). A worker that hands nothing on has nothing to lose.
    """
    worker = bench.start_worker()
    worker.settles(bench.send())
    confirms = HeldConfirms()
    confirms(worker.tap)  # not before: it may have told others of its start, and wait for that confirm
    failing = bench.send_failing()
    worker.receives(failing)

    comes_to_rest(bench, worker, failing)
    judge(handed_on_safely(worker.ledger, failing))

    confirms.release()
    worker.has_tried([failing])
    judge(handed_on_safely(worker.ledger, failing))

    places = places_of_copies(ledger(bench.history.events, worker.who), failing)
    if not places or not worker.process.running:
        return
    remover = bench.connect()
    for place in places:
        remover.deletes(place)
    another = bench.send_failing()
    worker.receives(another)
    comes_to_rest(bench, worker, another)
    judge(kept_when_its_place_is_gone(worker.ledger, another, place_of(bench, worker, another)))


@clause("W11", "attempts-are-counted", production, should, owed_by=worker, source=QUORUM)
def test_attempts_are_counted_by_the_broker(bench: Bench) -> None:
    """A worker that retries counts attempts in a way that the broker counts too, so that its count outlives
    the worker.

    The broker counts what comes back to a quorum queue (x-delivery-count), and what went through a dead-letter
    exchange (x-death). One of them must be on each delivery after the first.
    """
    worker = bench.start_worker()
    poison = bench.send_failing()
    worker.receives(poison)

    comes_to_rest(bench, worker, poison)

    if len(worker.deliveries(poison)) == 1:
        raise NotJudged("a failed task is not tried again, so there is nothing to count")
    judge(counted_by_the_broker(worker.deliveries(poison)))


@clause("W22", "duplicates", production, may, owed_by=worker, source=RELIABILITY)
def test_a_duplicate_is_dropped_or_done_again(bench: Bench) -> None:
    """A worker may drop a task whose message_id it has seen before; dropped or done again, it settles it.

    The same task is sent twice with the same message_id, as a producer does that heard no confirm. Both must
    be settled, and a task behind them finished.
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
    """A body that is not UTF-8, or empty, or very long, does not end the worker; nor do properties of a task that
    it knows nothing of.

    Whatever it does with that body, reject it or work on it, it must have been given it, and finish a good task
    behind it: one that has headers, an id and more that nobody asked for, and one without.
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
"""The delivery limit up to which a task is lost again and again to reach it."""


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
    """A task that is lost with its worker again and again is not dropped: if the worker sets the queue a limit to
    deliveries (`x-delivery-limit`), what is over the limit goes to a dead-letter exchange.

    Somebody takes the task and goes without a word, as often as the limit allows; then a worker is killed that has
    it in hand. The task must lie on a queue. A worker that sets no such limit conforms.
    """
    first = bench.start_worker()
    first.finishes(bench.send())
    queue, declarations = bench.subject.queue, first.ledger.declarations
    limit = delivery_limit(declarations, queue)
    if limit is None:
        return
    if limit > MOST_LOSSES:
        raise NotJudged(f"a task is delivered {limit + 1} times, too often to lose it each time")
    first.kill()
    task = bench.send_endless()
    for _ in range(limit):
        is_taken_and_given_up(bench, task)
    second = bench.start_worker()
    second.receives(task)

    second.kill()

    found = is_found(bench, task)
    if found is None and (exchange := dead_letter_exchange(declarations, queue)) is not None:
        raise NotJudged(f"the dead-letter exchange '{exchange}' leads to no queue that the program declares")
    judge(is_kept(task, found))


@clause("W41", "handed-on-is-found", production, must, owed_by=worker, source=DEAD_LETTERS)
def test_what_is_handed_on_is_found(bench: Bench) -> None:
    """A failed task that a worker hands on to a queue of its own, by a copy or by a dead-letter exchange, is not
    lost there or on its way back: it is tried again, or lies on a queue, whatever else was handed on beside it.

    Three tasks fail, and are followed until none is tried again and none waits for that. Each that was handed on
    last must lie on some queue then. A worker that hands nothing on has nothing to lose here. If the dead letters
    of its queue go to an exchange that others have to make, and that is not there, nobody can tell.
    """
    worker = bench.start_worker()
    worker.settles(bench.send())
    failing = [bench.send_failing(with_id=True) for _ in range(3)]
    for task in failing:
        worker.receives(task)

    ends = ends_of(bench, worker, failing)

    book, queue = worker.ledger, bench.subject.queue
    for task in failing:
        if ends[task] is None and (exchange := dead_letters_to_others(book, task)) is not None:
            raise NotJudged(
                f"it rejects a failed task, and its queue dead-letters to '{exchange}', with no queue of the "
                "program's behind it: whether that is made by others cannot be told"
            )
    handed_on = {task: places for task in failing if (places := places_of(book, task))}
    for place in {place for task, places in handed_on.items() if ends[task] is None for place in places}:
        for exchange in ways_of_others(book, queue, place):
            if declaration(book, queue) is None or bench.control.has_exchange(exchange):
                raise NotJudged(f"'{place}' dead-letters to '{exchange}', and whose that is cannot be told")
    judge(each_is_found(ends, handed_on))


@clause("W42", "retries-under-the-same-id", production, must, owed_by=worker, source=RELIABILITY)
def test_a_retry_has_the_same_id(bench: Bench) -> None:
    """A worker that hands a failed task on as a copy, to another attempt or another queue, gives the copy the
    `message_id` of the task, if it had one: by that a worker knows a task again that it has done.

    A task with an id fails. If the program has an envelope for its tasks, the id is one that its own producer
    gives. A worker that makes no copy conforms.
    """
    worker = bench.start_worker()
    failing = bench.send_failing(with_id=not bench.subject.envelope)
    worker.receives(failing)

    worker.has_tried([failing])

    judge(keeps_the_id(worker.ledger, failing))


@clause("W43", "retries-with-all-it-had", production, should, owed_by=worker, source=RELIABILITY)
def test_a_retry_has_all_that_the_task_had(bench: Bench) -> None:
    """A worker that hands a failed task on as a copy gives the copy what else the task had: its type, its
    priority, and its headers, by which others trace it.

    A task with headers and more fails, which nobody has asked for. If the program has an envelope for its tasks,
    they are what its own producer gives. A worker that makes no copy conforms.
    """
    worker = bench.start_worker()
    failing = bench.send_failing(properties={} if bench.subject.envelope else UNASKED_FOR)
    worker.receives(failing)

    worker.has_tried([failing])

    judge(keeps_the_rest(worker.ledger, failing))


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
    """A worker that counts attempts counts those of its own queue: a good task that was dead-lettered from another
    queue, however often, is worked on as any other.

    A task was rejected ten times on a queue of somebody else's, the last time to the queue under test, and its
    `x-death` says so. It must be acknowledged after the work, as another was before.
    """
    first = bench.start_worker()
    usual = bench.send(bench.subject.dots(0.3))
    if not acknowledged_after(first.settles(usual), usual.dots * bench.subject.seconds_per_dot):
        raise NotJudged("it does not acknowledge any task after the work (W03)")
    first.kill()
    bench.is_left_by_consumers(bench.subject.queue)
    task = send_that_died_elsewhere(bench, times=10, dots=usual.dots)

    worker = bench.start_worker()

    if "x-death" not in headers(worker.receives(task)):
        raise NotJudged("the broker does not tell of the deaths")
    judge(acknowledged_after(worker.settles(task), task.dots * bench.subject.seconds_per_dot))
    worker.finishes(task)
