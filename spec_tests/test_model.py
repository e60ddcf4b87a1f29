"""The model: a queue does what a model of a queue allows, whatever is done to it.

The other chapters ask for one promise each. Here the steps are drawn at random: clients publish, consume, fetch,
settle and go away, in any order.
"""

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.model.search import differs
from workqueue_spec.specification.clauses import broker, clause, must, production

from .sources import RELIABILITY

# fmt: off
PRESUMED = (
    "B01", "B02", "B03", "B04", "B07", "B10", "B11", "B12", "B13", "B15",
    "B16", "B17", "B18", "B19", "B20", "B21", "B22", "B23", "B24", "B27",
    "B28", "B34", "B35", "B36", "B37", "B41", "B44", "B46", "B48",
)
# fmt: on
"""What a queue needs to behave like the model, and what is judged by a clause of its own."""


@pytest.mark.own_broker(needed=False)
@clause(
    "B49",
    "behaves-like-the-model",
    production,
    must,
    owed_by=broker,
    source=RELIABILITY,
    presumes=PRESUMED,
    asked_by="model_examples",
)
def test_the_queue_behaves_like_the_model(bench: Bench, pytestconfig: pytest.Config) -> None:
    """Whatever two clients do to a queue, in any order, each message that was published to it is ready, held by one
    client, acknowledged, dead-lettered, or removed with the queue or by a purge. It is never two of these, and
    never none of them.

    This is asked only with `--model-examples N`. The steps are drawn at random by the seed, at most 20 in each of N
    examples. A client publishes, consumes, cancels, fetches, acknowledges, gives back, loses its channel or its
    connection, or purges, deletes and declares the queue. Now and then the broker is restarted, or killed and
    started, if it is the run's own: then what was confirmed and persistent must still be there. After each step the
    broker must have delivered what is due and nothing else, in the order of its version and queue type, and its
    counts must be right. If a step fails, fewer steps that fail, too, are looked for, and taken once more.
    """
    found = differs(bench, pytestconfig.getoption("--model-examples"))
    if found is not None:
        raise found
