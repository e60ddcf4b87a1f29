"""The worker's life: how it starts, how it comes back, and how it leaves."""

from workqueue_spec.bench import Bench
from workqueue_spec.clauses import clause, core, must, worker
from workqueue_spec.verdicts import NotJudged, judge
from workqueue_spec.verdicts.keeping import still_holds
from workqueue_spec.verdicts.lifecycle import refusal_is_reported

from .sources import QUEUES


@clause("W33", "refusal-is-reported", core, must, owed_by=worker, source=QUEUES, presumes=("B02", "B04"))
def test_a_refused_worker_says_so_and_leaves(bench: Bench) -> None:
    """Refused by the broker, the worker ends with a status other than 0 and the broker's reason, rather than
    run on without a consumer.

    A queue of that name with an argument that nobody would think of, and with messages on it, was there
    before. The worker must be refused (406), say so and leave, and the queue must stay as it is.
    """
    owner = bench.connect()
    owner.declares(bench.subject.queue, x_max_length=54_321)
    kept = [owner.publishes(bench.subject.queue) for _ in range(2)]

    refused = bench.start_worker(ready=False)

    if not refused.declares(within=bench.subject.start_seconds):
        raise NotJudged("the worker declares nothing, so it cannot be refused")
    status = refused.exit_status()
    judge(refusal_is_reported(status, refused.program.output, refused.ledger.closed))
    judge(still_holds(bench.subject.queue, bench.queue(), ready=len(kept)))
