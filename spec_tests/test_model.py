"""The model: a queue does what a model of a queue allows, whatever is done to it.

The other chapters ask for one promise each. Here a tool chooses the steps: clients publish, consume, fetch, settle,
and go away, in any order.
"""

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.model.run import ModelRun
from workqueue_spec.bench.model.search import Search, takes_again
from workqueue_spec.specification.clauses import broker, clause, must, production

from .sources import RELIABILITY

pytestmark = pytest.mark.own_broker


@clause("B50", "behaves-like-the-model", production, must, owed_by=broker, source=RELIABILITY)
def test_the_queue_behaves_like_the_model(bench: Bench) -> None:
    """A queue behaves like the model of a queue.

    Steps.
    """
    import os, time
    search = Search(bench, 600.0)
    began = time.monotonic()
    found = search.tries(int(os.environ.get("N", "20")), bench.setting.seed)
    took = time.monotonic() - began
    print(search.examples, search.steps, took, search.steps / took, "steps/s", len(bench.history.events))
    if found:
        print(found.broken)
        print(*found.steps, sep="\n")
        raise found.broken
