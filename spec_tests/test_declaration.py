"""Declaration: what a broker makes of a queue that is asked for again.

Producer and worker both declare the queue they share, so that either may come first. That works because
declaring it again with the same properties does nothing, and because other properties are refused loudly.
"""

import itertools
from typing import Any

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from workqueue_spec.bench import Bench
from workqueue_spec.clauses import broker, clause, core, must
from workqueue_spec.verdicts import judge
from workqueue_spec.verdicts.declaring import refused_for

from .sources import QUEUES

ARGUMENTS = {
    "x-message-ttl": st.integers(1_000, 2**31),
    "x-expires": st.integers(60_000, 2**31),
    "x-max-length": st.integers(1, 2**31),
    "x-max-length-bytes": st.integers(1, 2**31),
    "x-dead-letter-exchange": st.text("abcdefgh.", min_size=1, max_size=20),
    "x-dead-letter-routing-key": st.text("abcdefgh.", min_size=1, max_size=20),
}


@clause("B02", "mismatched-properties-refused", core, must, owed_by=broker, source=QUEUES)
@pytest.mark.parametrize("other", ["durable", "auto_delete"])
def test_mismatched_properties_are_refused(bench: Bench, other: str) -> None:
    """Declaring a queue again with another durable or auto-delete closes the channel with 406
    PRECONDITION_FAILED, naming what is not equivalent; the connection lives on.

    A client declares a queue, and declares it again with the one property changed; it must be refused for
    that property, and then declare the queue as it is on a new channel of the same connection.
    """
    client = bench.connect()
    properties = {"durable": True, "auto_delete": False}
    client.declares("letters", **properties)

    refusal = client.is_refused_when_it_declares("letters", **{**properties, other: not properties[other]})

    judge(refused_for(refusal, 406, f"inequivalent arg '{other}' for queue 'letters'"))
    client.declares("letters", **properties)


@clause("B04", "mismatched-arguments-refused", core, must, owed_by=broker, source=QUEUES)
def test_mismatched_arguments_are_refused(bench: Bench) -> None:
    """Declaring a queue again with a known argument that differs or is left out closes the
    channel with 406 PRECONDITION_FAILED, naming the argument.

    Many arguments with many values, each declared, then declared again as it is (which must be accepted),
    with another value, and without it.
    """
    client = bench.connect()
    queues = (f"letters {number}" for number in itertools.count())

    @seed(bench.setting.seed)
    @settings(max_examples=25, deadline=None, database=None, phases=[Phase.generate])
    @given(st.sampled_from(sorted(ARGUMENTS)), st.data())
    def each_argument(argument: str, data: st.DataObject) -> None:
        queue, (value, other) = next(queues), data.draw(different_pairs(ARGUMENTS[argument]))
        needed: dict[str, Any] = {"x-dead-letter-exchange": "dead"} if argument == "x-dead-letter-routing-key" else {}
        client.declares(queue, **needed, **{argument: value})
        client.declares(queue, **needed, **{argument: value})

        for arguments in ({**needed, argument: other}, needed):
            refusal = client.is_refused_when_it_declares(queue, **arguments)
            judge(refused_for(refusal, 406, f"inequivalent arg '{argument}' for queue '{queue}'"))

    each_argument()


def different_pairs(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    """Two values of an argument that are not the same."""
    return st.tuples(values, values).filter(lambda two: two[0] != two[1])
