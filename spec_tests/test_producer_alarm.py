"""The producer and a broker that is at its limits: no memory left, or a task that is too large for it."""

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.broker_settings import largest_message, out_of_memory
from workqueue_spec.judgement.verdicts import judge
from workqueue_spec.judgement.verdicts.lifecycle import fails_and_says_why, refusal_is_reported
from workqueue_spec.specification.clauses import clause, must, producer, production

from .sources import ALARMS, MAX_MESSAGE_SIZE

pytestmark = pytest.mark.own_broker


@clause("P11", "blocked-not-for-ever", production, must, owed_by=producer, source=ALARMS, presumes=("B43",))
def test_a_blocked_producer_gives_up(bench: Bench) -> None:
    """A producer that is blocked by the broker's alarm does not wait for ever. It ends with a status other than 0
    and says why.

    The broker's memory alarm is on before the producer starts, and stays on until the producer has ended. The
    producer must have published, because only then a broker blocks a connection. The producer must end within a
    minute.
    """
    task = bench.task()
    with out_of_memory(bench.broker):
        producing = bench.produce(*task.text.split())
        producing.publishes(task)
        status = producing.gives_up()

    judge(fails_and_says_why(status, producing.output))


@clause(
    "P15",
    "oversize-fails-loudly",
    production,
    must,
    owed_by=producer,
    source=MAX_MESSAGE_SIZE,
    presumes=("B40",),
)
def test_an_oversize_task_fails_loudly(bench: Bench) -> None:
    """If a task is larger than the broker accepts, the producer ends with a status other than 0 and reports the
    broker's reason.

    The broker's limit is lowered to 10 kB. The task is larger than that, up to 100 kB.
    """
    with largest_message(bench.broker, 10_000):
        producing = bench.produce("x" * bench.random.randint(10_001, 100_000))
        status = producing.gives_up()

    judge(refusal_is_reported(status, producing.output, producing.ledger.closed))
