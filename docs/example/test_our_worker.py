"""Our worker, our invariants: `workqueue-spec check test_our_worker.py --worker "python our_worker.py"`."""

from workqueue_spec.bench import Bench
from workqueue_spec.judgement import holds_at_most, judge, never_acknowledged
from workqueue_spec.specification import clause, must, production, worker

WIKI = "https://wiki.example/invoices"


@clause("T01", "one-invoice-at-a-time", production, must, owed_by=worker, source=WIKI)
def test_one_invoice_at_a_time(bench: Bench) -> None:
    """The worker has one invoice in hand, and leaves the others to its colleagues."""
    worker = bench.start_worker()
    invoices = [bench.send(dots=1) for _ in range(3)]
    for invoice in invoices:
        worker.finishes(invoice)
    judge(holds_at_most(1, worker.ledger.deliveries))


@clause("T02", "no-invoice-is-lost", production, must, owed_by=worker, source=WIKI)
def test_an_invoice_of_a_killed_worker_is_entered_by_another(bench: Bench) -> None:
    """An invoice that a killed worker had in hand is entered by another worker.

    The worker is killed in the middle of an invoice, which it has not acknowledged. A second worker is started.
    """
    worker = bench.start_worker()
    invoice = bench.send(dots=10)
    worker.receives(invoice)
    bench.stays(lambda: never_acknowledged(worker.deliveries(invoice)))
    worker.kill()
    bench.start_worker().finishes(invoice)


def test_a_slow_network_does_no_harm(bench: Bench) -> None:
    """A plain test, without a clause: each frame arrives 50 ms late."""
    worker = bench.start_worker(faults=lambda tap: tap.delay(0.05))
    assert worker.finishes(bench.send()).acknowledged
