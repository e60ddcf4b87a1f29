"""The broker of a benchmark: a local node of its own."""

import contextlib
from collections.abc import Iterator

from workqueue_spec.broker import Broker, open_broker
from workqueue_spec.broker.run import Run

seen: set[str] = set()
"""The brokers that were measured with, described for readers."""


@contextlib.contextmanager
def local_node(run: Run) -> Iterator[Broker]:
    """A local node, for as long as the block lasts. Raises SetupError if there is none."""
    with contextlib.closing(open_broker("local", run)) as broker:
        seen.add(broker.describe())
        yield broker


def target(broker: Broker) -> str:
    """The broker's host and port, as proxies take them."""
    return f"{broker.address.host}:{broker.address.port}"
