"""Some quick clauses with a container for each test, beside the same clauses on one container for the run."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workqueue_spec.broker import DEFAULT_IMAGE, engine
from workqueue_spec.broker.run import Run

from . import each_container, suite
from .rows import Given, Row, Spread, at_least, ratios

SAMPLE = ("B01", "B10", "P01", "W01", "W03")
"""Quick clauses of each kind: two of the broker, one of the producer, two of the worker."""


def measure(given: Given) -> Iterator[Row]:
    """How often faster the tests are with a virtual host each than with a container each.

    Raises SetupError if no container engine answers, or if it has no image and cannot pull one.
    """
    image = given.image or _image()
    slow, fast = [], []
    for _ in range(given.few_rounds):
        slow.append(_seconds(given.run, image, {}))
        fast.append(_seconds(given.run, image, {each_container.SHARED: "yes"}))
    note = f"{image}; {len(slow[0])} tests of {', '.join(SAMPLE)}"
    totals = [tuple(sum(each.values()) for each in way) for way in (fast, slow)]
    yield Row(
        "a virtual host for each test: speed",
        "a container each",
        ratios(totals[1], totals[0]),
        goal=at_least(10),
        note=note,
    )
    for name, way in (("virtual host", fast), ("container", slow)):
        tests = tuple(Spread.of(list(each.values())).median for each in way)
        yield Row(f"one test with a {name} of its own", "", tests, "s", note="the median test")


def _image() -> str:
    """The default image if the engine has it; else one of RabbitMQ that it has; else the default, to be pulled."""
    with engine.connected() as client:
        tags = [tag for image in client.client.images.list() for tag in image.tags]
    ours = sorted(tag for tag in tags if tag.partition(":")[0] == "rabbitmq")
    return DEFAULT_IMAGE if DEFAULT_IMAGE in ours or not ours else ours[-1]


def _seconds(run: Run, image: str, variables: dict[str, str]) -> dict[str, float]:
    """The seconds of each test of the sample."""
    with tempfile.TemporaryDirectory(dir=run.temporary) as folder:
        file = Path(folder, "seconds.json")
        options = ["--broker", f"docker:{image}", "--numprocesses", "0", "-p", each_container.__name__]
        suite.check(run, [*options, "-k", " or ".join(SAMPLE)], {**variables, each_container.FILE: str(file)})
        found: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
        return found
