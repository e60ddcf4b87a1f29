"""Manual beside automatic acknowledgement: the "lower throughput" that the tutorial speaks of, with numbers."""

from collections.abc import Iterator

from .acknowledgement_client import WAYS
from .brokers import local_node
from .processes import module, output
from .rows import Given, Row, ratios


def measure(given: Given) -> Iterator[Row]:
    """The speed with each prefetch, as a ratio to automatic acknowledgement, which has no prefetch."""
    with local_node(given.run) as broker:
        command = module("acknowledgement_client", str(given.rounds), broker.address.url("/"))
        rounds = [[float(rate) for rate in line.split()] for line in output(command, given.run).splitlines()]
    automatic, *manual = zip(*rounds, strict=True)
    yield Row("automatic acknowledgement: messages a second", "", automatic, "/s")
    for prefetch, rates in zip(WAYS[1:], manual, strict=True):
        yield Row(
            f"manual acknowledgement, prefetch {prefetch}: speed", "automatic", ratios(rates, automatic)
        )
