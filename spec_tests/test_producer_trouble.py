"""The producer in trouble: no confirm, the wrong one, no queue, a line that breaks, no broker at all.

A task that was sent is not yet a task that is safe. Only the broker can say that it has it, and a producer
that reports success before, or in spite of what the broker says, loses tasks without anyone's knowing.
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
    cut_at_the_confirm,
    cut_at_the_publish,
    garbled,
    nobody_answers,
    nobody_says_a_word,
    nobody_stays,
    queue_is_deleted,
    silent_at_the_confirm,
    stopped_at_the_confirm,
    with_password,
)
from workqueue_spec.judgement.verdicts import NotJudged, judge
from workqueue_spec.judgement.verdicts.lifecycle import fails_and_says_why, keeps_quiet
from workqueue_spec.judgement.verdicts.publishing import each_arrives_whole
from workqueue_spec.judgement.verdicts.reporting import (
    fails_in_trouble,
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
    """The producer reports success only after the broker's confirm, be it of a publish or of a transaction.

    The broker's answer is held back: as long as it is, the producer may not end with status 0. Then it is let
    through, and the producer must.
    """
    confirms, task = HeldConfirms(), bench.task(words=words)
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
    """A task that the broker refuses (basic.nack, or a transaction that fails) is not sent: the producer
    tries again until one is confirmed, or ends with a status other than 0.

    The broker's first confirm, or each of the first three, is turned into a refusal on its way, as from a queue
    that is full; further ones pass.
    """
    trouble, task = RefusedByTheQueue(times), bench.task(words=words)

    producing = bench.produce(*task.text.split(), faults=trouble)

    status = producing.gives_up()
    judge(success_is_confirmed(status, producing.ledger.carrying(task.mark), len(trouble.came)))


@clause(
    "P04", "unroutable-is-a-failure", production, must, owed_by=producer, source=PUBLISHERS, presumes=("B36",)
)
@of_any_length
def test_an_unroutable_task_is_a_failure(bench: Bench, words: int) -> None:
    """A task that no queue takes is not sent, although the broker confirms it: the producer sees that it gets
    to a queue after all, or ends with a status other than 0.

    The queue is deleted right before the task comes. Where the producer then reports success, the task must
    be on the queue.
    """
    trouble, task = queue_is_deleted(bench.subject.queue), bench.task(words=words)

    producing = bench.produce(*task.text.split(), faults=trouble)

    if (status := producing.gives_up()) == 0:
        bench.yields(task)
    else:
        judge(fails_in_trouble(status, len(trouble.came)))


@clause("P05", "no-success-without-confirm", production, must, owed_by=producer, source=CONFIRMS)
@pytest.mark.parametrize("fault", NO_CONFIRM.values(), ids=NO_CONFIRM)
def test_no_confirm_is_no_success(bench: Bench, fault: Callable[[], Fault]) -> None:
    """Cut off between publish and confirm, or left without an answer, the producer does not report success,
    unless it tries again and has the task confirmed then.

    The first connection ends with the task on its way to the broker, or with the confirm on its way back: by a
    FIN, a RST or the broker's own word that it is being stopped; or the first three do. Or the first confirm
    never comes, and only after half a minute, longer than most will wait, is that connection lost. Later ones
    are left alone.
    """
    trouble, task = fault(), bench.task()

    producing = bench.produce(*task.text.split(), faults=trouble)

    status = producing.ends_in_time()
    judge(success_is_confirmed(status, producing.ledger.carrying(task.mark), len(trouble.came)))


@clause("P06", "a-retry-loses-nothing", production, must, owed_by=producer, source=RELIABILITY)
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_retry_loses_nothing(bench: Bench, cut: Callable[[], Fault]) -> None:
    """Whatever became of its first attempt, when the producer reports success its task is on the queue: once,
    or more than once, and whole each time.

    The first connection, or each of the first three, ends before the confirm. A producer that then says so, with
    a status other than 0, has lost nothing without telling.
    """
    trouble, task = cut(), bench.task(words=bench.random.randint(10, 30))

    producing = bench.produce(*task.text.split(), faults=trouble)

    status = producing.ends_in_time()
    if status is None:
        raise NotJudged("the producer runs on, and reports neither success nor failure (P12)")
    if status == 0:
        judge(each_arrives_whole(producing.ledger.carrying(task.mark), task.text))
        bench.yields(task)
    else:
        judge(fails_in_trouble(status, len(trouble.came)))


CUT_OFF = {
    "cut off": cut_at_the_confirm,
    "cut off by a reset": lambda: cut_at_the_confirm(reset=True),
}


@clause("P12", "gives-up-in-time", production, must, owed_by=producer, source=RELIABILITY)
@pytest.mark.parametrize(
    "answer",
    [None, nobody_answers, nobody_stays, nobody_says_a_word, *CUT_OFF.values()],
    ids=[
        "connections refused",
        "connections reset",
        "connections reset late",
        "connections never answered",
        *CUT_OFF,
    ],
)
def test_without_a_broker_the_producer_gives_up(bench: Bench, answer: Callable[[], Fault] | None) -> None:
    """Without a broker the producer tries for a bounded time, with pauses between its attempts; then it ends
    with a status other than 0 and says why. One that is cut off before the confirm ends in that time too.

    Nobody listens; or somebody does, and resets each connection at its first word, or when it has logged in, so
    that the attempts can be counted, or never says a word. Or the first connection ends with the confirm on its way
    back, and later ones are left alone: then it may succeed. A minute is the bound.
    """
    if answer is None:
        with bench.broker_unreachable():
            producing = bench.produce("a", "task.")
            judge(fails_and_says_why(producing.gives_up(), producing.process.output))
        return
    trouble = answer()
    producing = bench.produce("a", "task.", faults=trouble)
    status = producing.gives_up()
    if status == 0 and answer in CUT_OFF.values():
        return  # whether it was told so is P05's question
    judge(fails_and_says_why(status, producing.process.output))
    judge(no_hot_loop(trouble.came, "connect"))


@clause("P16", "credentials-kept-quiet", production, should, owed_by=producer, source=LOGS)
def test_credentials_are_kept_out_of_the_output(bench: Bench) -> None:
    """The producer keeps its password out of its output, in trouble too.

    Its URL bears a password that is nowhere else. It is let in with it all the same; then the broker refuses
    it, then the URL is one that makes no sense (a port that is no number, a slash in the password that is not
    escaped), then there is no broker.
    """
    secret = f"password{secrets.token_hex(8)}"
    disguised, address = with_password(secret), bench.broker.address
    door = Credentials(address.user, address.password)
    let_in = bench.produce("a", "task.", faults=door, url=disguised).succeeds()
    if secret not in door.shown:
        raise NotJudged("the producer takes no password from the URL that it is given")
    judge(keeps_quiet(secret, let_in.process.output))

    refused = bench.produce("a", "task.", url=disguised)
    lost = bench.produce("a", "task.", url=lambda url: garbled(disguised(url)))
    misled = bench.produce("a", "task.", url=with_password(f"{secret}/"))
    for producing in (refused, lost, misled):
        producing.runs_its_course()
        judge(keeps_quiet(secret, producing.process.output))
    with bench.broker_unreachable():
        alone = bench.produce("a", "task.", url=disguised)
        alone.runs_its_course()
        judge(keeps_quiet(secret, alone.process.output))


@clause("P19", "copies-share-an-id", production, should, owed_by=producer, source=RELIABILITY)
def test_copies_of_a_task_share_an_id(bench: Bench) -> None:
    """A task that is published again carries the same message_id, so that a worker can tell a copy.

    The first three confirms are lost with their connections. Only a producer that then tries again can be
    judged.
    """
    task = bench.task()
    producing = bench.produce(*task.text.split(), faults=cut_at_the_confirm(times=3))
    producing.ends_in_time()

    copies = producing.ledger.carrying(task.mark)
    if len(copies) < 2:
        raise NotJudged("the producer does not publish again")
    judge(same_message_id(copies))


@clause("P23", "refusals-have-an-end", production, must, owed_by=producer, source=CONFIRMS)
def test_a_task_that_is_always_refused_is_given_up(bench: Bench) -> None:
    """A task that the broker refuses every time is published a bounded number of times, with pauses between them;
    then the producer ends with a status other than 0.

    Each confirm is turned into a refusal on its way, as from a queue that is full and stays so. A minute is the
    bound. A producer that calls the task sent all the same is judged by P03.
    """
    trouble, task = RefusedByTheQueue(times=None), bench.task()

    producing = bench.produce(*task.text.split(), faults=trouble)

    def goes_too_fast() -> bool:
        return bool(trouble.came) and not no_hot_loop(trouble.came, "publish")

    bench.history.wait(lambda _: trouble.came or producing.status is not None, EVENTUALLY)
    bench.history.wait(lambda _: producing.status is not None or goes_too_fast(), LEAVES)
    if not goes_too_fast() and producing.gives_up() == 0:
        raise NotJudged("the producer calls a task sent that was refused (P03), or asks for no confirm (P02)")
    judge(no_hot_loop(trouble.came, "publish"))
    judge(fails_in_trouble(producing.gives_up(), len(trouble.came)))
