"""Settlement: what becomes of a message that was delivered.

A broker keeps a message until it is acknowledged. What its consumer leaves unacknowledged goes back to the
queue, however the consumer went, and is marked as perhaps not new.
"""

from collections.abc import Callable

import pytest

from workqueue_spec.bench import Bench
from workqueue_spec.clauses import broker, clause, core, must
from workqueue_spec.client import Client
from workqueue_spec.verdicts import judge
from workqueue_spec.verdicts.settlement import marked_new, marked_redelivered

from .sources import ACKNOWLEDGMENT, CONFIRMS

ENDINGS: dict[str, Callable[[Client], None]] = {
    "channel closed": Client.closes_its_channel,
    "connection closed": Client.close,
    "connection lost": Client.is_cut_off,
    "connection reset": Client.is_reset,
}


@clause("B18", "unacknowledged-returns", core, must, owed_by=broker, source=ACKNOWLEDGMENT)
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_unacknowledged_returns(bench: Bench, ending: str) -> None:
    """When a consumer's channel or connection ends, in whatever way, what it has not acknowledged goes back
    to the queue.

    A consumer holds three messages and acknowledges the first. It ends: politely, or as one that is killed
    (the operating system closes the connection), or whose host is gone (a reset). The two others, and only
    they, must be ready again.
    """
    client, leaver = bench.connect(), bench.connect()
    client.declares("letters")
    sent = [client.publishes("letters") for _ in range(3)]
    leaver.consumes("letters")
    for task in sent:
        leaver.receives(task)
    leaver.acknowledges(sent[0])
    bench.queue_becomes(ready=0, queue="letters")

    ENDINGS[ending](leaver)

    bench.queue_becomes(ready=2, queue="letters")
    client.consumes("letters")
    for task in sent[1:]:
        client.receives(task)


@clause("B19", "redelivered-is-marked", core, must, owed_by=broker, source=CONFIRMS, presumes=("B18",))
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_returned_message_is_marked(bench: Bench, ending: str) -> None:
    """A message that was delivered and went back to the queue comes again with redelivered set; one that was
    never delivered comes without it.

    The first consumer takes a message and ends without acknowledging it; the second must get it marked, and
    the one published after it unmarked.
    """
    client, leaver = bench.connect(), bench.connect()
    client.declares("letters")
    seen = client.publishes("letters")
    leaver.consumes("letters", prefetch=1)
    first = leaver.receives(seen)
    judge(marked_new(first))

    ENDINGS[ending](leaver)
    fresh = client.publishes("letters")
    client.consumes("letters")

    judge(marked_redelivered(client.receives(seen)))
    judge(marked_new(client.receives(fresh)))
