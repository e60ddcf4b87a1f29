"""The producer: what a program owes that puts tasks on the queue.

It is judged by what it hands to the broker, and by how it ends.
"""

import pytest

from workqueue_spec.bench import Bench
from workqueue_spec.clauses import clause, core, must, producer
from workqueue_spec.verdicts import NotJudged, judge
from workqueue_spec.verdicts.declaring import declared_durable, nobody_refused
from workqueue_spec.verdicts.keeping import still_holds
from workqueue_spec.verdicts.lifecycle import refusal_is_reported
from workqueue_spec.verdicts.publishing import exactly_one, persistent, through_default_exchange

from .sources import DURABILITY, QUEUES, TUTORIAL_ONE, TUTORIAL_TWO


@clause("P01", "persistent", core, must, owed_by=producer, source=DURABILITY)
def test_tasks_are_persistent(bench: Bench) -> None:
    """Every task is published persistent (delivery_mode 2).

    Judged on the wire: a quorum queue keeps transient messages too, so a restart does not tell.
    """
    for text in ("First task.", "Second task..", "a third, of more words ..."):
        judge(persistent(bench.produce(*text.split()).succeeds().ledger.publications))


@clause(
    "P07", "declares-as-the-worker-does", core, must, owed_by=producer, source=TUTORIAL_TWO, presumes=("B02",)
)
def test_producer_and_worker_agree_on_the_queue(bench: Bench, other_bench: Bench) -> None:
    """The producer declares the queue before it publishes, just as the worker does, so that either may come
    first.

    Producer first: its task must be waiting on the queue, and the worker that comes then must finish it.
    Worker first, in a virtual host of its own: the same. The broker may refuse nobody in either.
    """
    task = bench.task()
    bench.produce(*task.text.split()).succeeds()
    bench.queue_becomes(ready=1)
    bench.start_worker().finishes(task)
    judge(nobody_refused(bench.ledger.closed))

    task = other_bench.task()
    worker = other_bench.start_worker()
    other_bench.produce(*task.text.split()).succeeds()
    worker.finishes(task)
    judge(nobody_refused(other_bench.ledger.closed))


@clause("P08", "refusal-is-reported", core, must, owed_by=producer, source=QUEUES, presumes=("B02", "B04"))
def test_a_refused_producer_says_so_and_leaves(bench: Bench) -> None:
    """Refused by the broker, the producer ends with a status other than 0 and the broker's reason, and never
    deletes the queue.

    A queue of that name with an argument that nobody would think of, and with messages on it, was there
    before. The producer must be refused (406), say so, and leave the queue as it is.
    """
    owner = bench.connect()
    owner.declares(bench.subject.queue, x_max_length=54_321)
    kept = [owner.publishes(bench.subject.queue) for _ in range(2)]

    refused = bench.produce("a", "task.")
    status = refused.exit_status()

    if not any(not declared.passive for declared in refused.ledger.declarations):
        raise NotJudged("the producer declares nothing, so it cannot be refused")
    judge(refusal_is_reported(status, refused.program.output, refused.ledger.closed))
    judge(still_holds(bench.subject.queue, bench.queue(), ready=len(kept)))


@clause("P10", "default-exchange", core, must, owed_by=producer, source=TUTORIAL_ONE)
def test_tasks_go_to_the_queue_by_its_name(bench: Bench) -> None:
    """The producer publishes through the default exchange, with the queue's name as the routing key."""
    published = bench.produce("a", "task.").succeeds().ledger.publications

    judge(through_default_exchange(published, bench.subject.queue))


@clause("P17", "one-task-a-run", core, must, owed_by=producer, source=TUTORIAL_TWO)
@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["First", "task."], "First task."),
        (["one"], "one"),
        (["a", "task", "of", "many", "words", "....."], "a task of many words ....."),
        ([], "Hello World!"),
    ],
    ids=["two words", "one word", "many words", "no word"],
)
def test_one_run_publishes_one_task(bench: Bench, words: list[str], text: str) -> None:
    """One run publishes one task: its words joined by a space, or `Hello World!` without any."""
    judge(exactly_one(bench.produce(*words).succeeds().ledger.publications, text))
    bench.queue_becomes(ready=1)


@clause("P18", "declares-durable", core, must, owed_by=producer, source=DURABILITY)
def test_the_producer_declares_a_durable_queue(bench: Bench) -> None:
    """Where the producer declares the queue, it declares it durable, and neither exclusive nor auto-delete,
    so that the tasks outlive their programs and the broker's restart.
    """
    judge(declared_durable(bench.produce("a", "task.").succeeds().ledger.declarations, bench.subject.queue))
    bench.queue_becomes(ready=1)
