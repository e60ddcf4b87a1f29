"""A plugin for a run: writes down what the history of each test holds of the wire."""

import collections
import json
import os
from pathlib import Path

from workqueue_spec.bench.bench import Bench
from workqueue_spec.plugin.captures import file_name

FOLDER = "WIRE_COUNTS"
"""The variable with the folder for the files, one for each test, with [party, sender, method, number]s."""

_close = Bench.close


def close_and_count(bench: Bench) -> None:
    _close(bench)
    counts = collections.Counter(
        (event.who, str(event.wire.sender), event.what)
        for event in bench.history.events
        if event.wire is not None and event.wire.sender is not None
    )
    file = Path(os.environ[FOLDER], file_name(bench.test)).with_suffix(".json")
    file.write_text(json.dumps([[*which, number] for which, number in counts.items()]))


def pytest_configure() -> None:
    setattr(Bench, "close", close_and_count)  # noqa: B010 - mypy allows no other way
