"""The queue, declared by the suite for a producer that declares none itself.

That such a producer loses its task is what P07 says. Clauses about something else look at its task on the queue.
"""

from collections.abc import Callable

from .bench import Bench
from .parties import ProducerRun, Service
from .setting import Faults


def puts_on_the_queue(
    bench: Bench,
    *words: str,
    faults: Faults | None = None,
    url: Callable[[str], str] | None = None,
    by: Service | None = None,
) -> ProducerRun:
    """A run of the producer that has ended with success, or such a request to this service. Raises Broken if it
    does not.

    If the producer declares no queue, and there is none, the suite declares it, and the run is another one.
    """

    def produce() -> ProducerRun:
        return bench.produce(*words, faults=faults, url=url) if by is None else by.is_asked(*words)

    producing = produce()
    producing.ends_in_time()
    if declare_for(bench, producing):
        producing = produce()
    return producing.succeeds()


def declare_for(bench: Bench, producing: ProducerRun) -> bool:
    """Declares the queue under test, unless the producer has declared it or it is there. Returns whether it did.

    If the producer publishes to an exchange, the queue is bound to it; if there is none, a direct one is declared.
    """
    queue = bench.subject.queue
    declared = [each for each in producing.ledger.declarations if each.queue == queue and not each.passive]
    if declared or bench.queue() is not None:
        return False
    sender, (exchange, key) = bench.connect_sender(), bench.subject.route
    sender.declares(queue)
    if exchange:
        if not bench.control.has_exchange(exchange):
            sender.declares_exchange(exchange, "direct")
        sender.binds(queue, exchange, key, {})
    return True
