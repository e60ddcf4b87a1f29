"""The producer when something fails: no confirm, a nack, no queue, a lost connection, no broker at all.

A task that was sent is not yet safe. Only the broker can say that it has the task. If a producer reports success
before that, or in spite of what the broker says, tasks are lost and nobody knows.
"""

import secrets
from collections.abc import Callable

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.faults import (
    Credentials,
    Fault,
    HeldConfirms,
    RefusedByTheQueue,
    connections_never_answered,
    connections_reset,
    connections_reset_late,
    cut_at_the_confirm,
    cut_at_the_publish,
    queue_is_deleted,
    silent_at_the_confirm,
    stopped_at_the_confirm,
)
from workqueue_spec.bench.standing_in import declare_for, puts_on_the_queue
from workqueue_spec.bench.urls import with_a_port_that_is_no_number, with_password
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.lifecycle import fails_and_says_why, keeps_secret
from workqueue_spec.judgement.verdicts.publishing import each_arrives_whole
from workqueue_spec.judgement.verdicts.reporting import (
    fails_after_the_fault,
    same_message_id,
    success_is_confirmed,
)
from workqueue_spec.judgement.verdicts.retrying import no_hot_loop
from workqueue_spec.specification.clauses import clause, must, producer, production, should
from workqueue_spec.timeouts import EVENTUALLY, LEAVES, UNANSWERED

from .sources import CONFIRMS, LOGS, PUBLISHERS, RELIABILITY

CUTS: dict[str, Callable[[], Fault]] = {
    "the task is lost": cut_at_the_publish,
    "the confirm is lost": cut_at_the_confirm,
    "the confirm is lost, by a reset": lambda: cut_at_the_confirm(reset=True),
    "three confirms are lost": lambda: cut_at_the_confirm(times=3),
    "the broker is stopped": stopped_at_the_confirm,
}
NO_CONFIRM = {**CUTS, "no confirm comes": lambda: silent_at_the_confirm(UNANSWERED)}

of_any_length = pytest.mark.parametrize("words", [3, 3000], ids=["a short task", "a long task"])


@clause("P02", "success-after-confirm", production, must, owed_by=producer, source=CONFIRMS)
@of_any_length
def test_success_is_reported_after_the_confirm(bench: Bench, words: int) -> None:
    """The producer reports success only after the broker's confirm, whether it confirms a publish or a
    transaction.

    The broker's confirm is held back. As long as it is held back, the producer must not end with status 0. Then
    it is released, and the producer must end with status 0.
    """
    confirms, task = HeldConfirms(), bench.task(words=words)
    producing = bench.produce(*task.text.split(), faults=confirms)
    producing.publishes(task)
    if declare_for(bench, producing):
        confirms = HeldConfirms()
        producing = bench.produce(*task.text.split(), faults=confirms)
        producing.publishes(task)

    producing.reports_nothing_yet()

    confirms.release()
    producing.succeeds()
    judge(success_is_confirmed(0, producing.ledger.carrying(task.mark), came=1))


@clause("P03", "nack-is-a-failure", production, must, owed_by=producer, source=CONFIRMS)
@of_any_length
@pytest.mark.parametrize("times", [1, 3], ids=["refused once", "refused three times"])
def test_a_nack_is_a_failure(bench: Bench, words: int, times: int) -> None:
    """A task that the broker refuses (`basic.nack`, or a transaction that fails) does not count as sent. The
    producer tries again until an attempt is confirmed, or ends with a status other than 0.

    The broker's first confirm, or each of the first three, is changed into a refusal on its way, like one from a
    queue that is full. Later confirms pass unchanged.
    """
    fault, task = RefusedByTheQueue(times), bench.task(words=words)

    producing = bench.produce(*task.text.split(), faults=fault)

    status = producing.gives_up()
    judge(success_is_confirmed(status, producing.ledger.carrying(task.mark), len(fault.happened_at)))


@clause(
    "P04", "unroutable-is-a-failure", production, must, owed_by=producer, source=PUBLISHERS, presumes=("B36",)
)
@of_any_length
def test_an_unroutable_task_is_a_failure(bench: Bench, words: int) -> None:
    """A task that reaches no queue does not count as sent, although the broker confirms it. The producer makes
    sure that the task reaches a queue after all, or ends with a status other than 0.

    The queue is deleted right before the task arrives. If the producer then reports success, the task must be on
    the queue.
    """
    fault, task = queue_is_deleted(bench.subject.queue), bench.task(words=words)

    producing = bench.produce(*task.text.split(), faults=fault)

    if (status := producing.gives_up()) == 0:
        bench.queue_delivers(task)
    else:
        judge(fails_after_the_fault(status, len(fault.happened_at)))


@clause("P05", "no-success-without-confirm", production, must, owed_by=producer, source=CONFIRMS)
@pytest.mark.parametrize("make_fault", NO_CONFIRM.values(), ids=NO_CONFIRM)
def test_no_confirm_is_no_success(bench: Bench, make_fault: Callable[[], Fault]) -> None:
    """If the connection is lost between publish and confirm, or if no confirm comes, the producer does not report
    success, unless it tries again and the task is confirmed then.

    The first connection ends while the task is on its way to the broker, or while the confirm is on its way back.
    It ends by a FIN, by a RST, or because the broker says that it is being stopped. In one case the first three
    connections end. In another case the first confirm never comes, and that connection is lost only after half a
    minute, which is longer than most programs will wait. Later connections are left alone.
    """
    fault, task = make_fault(), bench.task()

    producing = bench.produce(*task.text.split(), faults=fault)

    status = producing.ends_or_hangs()
    judge(success_is_confirmed(status, producing.ledger.carrying(task.mark), len(fault.happened_at)))


@clause("P06", "a-retry-loses-nothing", production, must, owed_by=producer, source=RELIABILITY)
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_retry_loses_nothing(bench: Bench, cut: Callable[[], Fault]) -> None:
    """If the producer reports success, its task is on the queue, whatever happened to the first attempt. The task
    is there once or more than once, and is whole each time.

    The first connection, or each of the first three, ends before the confirm. If a producer then ends with a
    status other than 0, it has reported the failure, and conforms.
    """
    fault, task = cut(), bench.task(words=bench.random.randint(10, 30))

    producing = bench.produce(*task.text.split(), faults=fault)

    status = producing.ends_or_hangs()
    if status is None:
        raise NotJudged("the producer runs on, and reports neither success nor failure (P12)")
    if status == 0:
        judge(each_arrives_whole(producing.ledger.carrying(task.mark), task.text))
        bench.queue_delivers(task)
    else:
        judge(fails_after_the_fault(status, len(fault.happened_at)))


CUT_OFF = {
    "cut off": cut_at_the_confirm,
    "cut off by a reset": lambda: cut_at_the_confirm(reset=True),
}


@clause("P12", "gives-up-in-time", production, must, owed_by=producer, source=RELIABILITY)
@pytest.mark.parametrize(
    "no_answer",
    [None, connections_reset, connections_reset_late, connections_never_answered, *CUT_OFF.values()],
    ids=[
        "connections refused",
        "connections reset",
        "connections reset late",
        "connections never answered",
        *CUT_OFF,
    ],
)
def test_without_a_broker_the_producer_gives_up(bench: Bench, no_answer: Callable[[], Fault] | None) -> None:
    """If there is no broker, the producer tries for a bounded time, with pauses between its attempts. Then it
    ends with a status other than 0 and says why. A producer that loses its connection before the confirm ends in
    that time, too.

    In one case nobody listens. In others somebody listens, so that the attempts can be counted: each connection is
    reset at its first byte, or after the login, or is never answered. In the last cases the first connection ends
    while the confirm is on its way, by a FIN or a RST, and later connections are left alone: then the producer may
    also succeed. The producer may take a minute, and may make at most ten attempts in any second.
    """
    if no_answer is None:
        with bench.broker_unreachable():
            producing = bench.produce("a", "task.")
            judge(fails_and_says_why(producing.gives_up(), producing.output))
        return
    fault = no_answer()
    producing = bench.produce("a", "task.", faults=fault)
    status = producing.gives_up()
    if status == 0 and no_answer in CUT_OFF.values():
        return  # whether the success was confirmed is judged by P05
    judge(fails_and_says_why(status, producing.output))
    judge(no_hot_loop(fault.happened_at, "connect"))


@clause("P16", "credentials-kept-quiet", production, should, owed_by=producer, source=LOGS)
def test_credentials_are_kept_out_of_the_output(bench: Bench) -> None:
    """The producer keeps its password out of its output, also when something fails.

    Its URL contains a password that is used nowhere else. The producer is let in all the same. Then the broker
    refuses the password. Then the URL is not valid (a port that is no number, or a slash in the password that is
    not escaped). Then there is no broker. The password must never be in the output.
    """
    secret = f"password{secrets.token_hex(8)}"
    disguised, address = with_password(secret), bench.broker.address
    login = Credentials(address.user, address.password)
    let_in = puts_on_the_queue(bench, "a", "task.", faults=login, url=disguised)
    if secret not in login.given:
        raise NotJudged("the producer takes no password from the URL that it is given")
    judge(keeps_secret(secret, let_in.output))

    refused = bench.produce("a", "task.", url=disguised)
    lost = bench.produce("a", "task.", url=lambda url: with_a_port_that_is_no_number(disguised(url)))
    misled = bench.produce("a", "task.", url=with_password(f"{secret}/"))
    for producing in (refused, lost, misled):
        producing.ends_in_time()
        judge(keeps_secret(secret, producing.output))
    with bench.broker_unreachable():
        alone = bench.produce("a", "task.", url=disguised)
        alone.ends_in_time()
        judge(keeps_secret(secret, alone.output))


@clause("P19", "copies-share-an-id", production, should, owed_by=producer, source=RELIABILITY)
def test_copies_of_a_task_share_an_id(bench: Bench) -> None:
    """If a task is published again, it carries the same message_id, so that a worker can recognise a copy.

    The first three confirms are lost with their connections. Only a producer that then tries again can be judged.
    """
    task = bench.task()
    producing = bench.produce(*task.text.split(), faults=cut_at_the_confirm(times=3))
    producing.ends_or_hangs()

    copies = producing.ledger.carrying(task.mark)
    if len(copies) < 2:
        raise NotJudged("the producer does not publish again")
    judge(same_message_id(copies))


@clause("P23", "refusals-have-an-end", production, must, owed_by=producer, source=CONFIRMS)
def test_a_task_that_is_always_refused_is_given_up(bench: Bench) -> None:
    """If the broker refuses a task every time, the producer publishes it a bounded number of times, with pauses
    between its attempts. Then it ends with a status other than 0.

    Each confirm is turned into a refusal on its way, as from a queue that is full and stays full. The producer may
    take a minute, and may make at most ten attempts in any second. A producer that reports success all the same is
    judged by P03.
    """
    fault, task = RefusedByTheQueue(times=None), bench.task()

    producing = bench.produce(*task.text.split(), faults=fault)

    def goes_too_fast() -> bool:
        return bool(fault.happened_at) and not no_hot_loop(fault.happened_at, "publish")

    bench.history.wait(lambda _: fault.happened_at or producing.status is not None, EVENTUALLY)
    bench.history.wait(lambda _: producing.status is not None or goes_too_fast(), LEAVES)
    if not goes_too_fast() and producing.gives_up() == 0:
        raise NotJudged("the producer reports a refused task as sent (P03), or asks for no confirm (P02)")
    judge(no_hot_loop(fault.happened_at, "publish"))
    judge(fails_after_the_fault(producing.gives_up(), len(fault.happened_at)))
