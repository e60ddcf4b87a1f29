"""What the modules of the plugin share through pytest's stash."""

from typing import Any

import pytest

from ..bench.bench import Bench
from ..broker import Broker
from ..broker.run import Run
from ..programs.subject import Subject

RUN = pytest.StashKey[Run]()
PART = pytest.StashKey[str]()
"""The name of this process in the run, if another process began the run and will end it."""
BROKER = pytest.StashKey[Broker]()
SUBJECT = pytest.StashKey[Subject]()
BENCHES = pytest.StashKey[list[Bench]]()
"""The benches in use now, those of a chapter too. Their histories are the evidence when a clause fails."""
TESTS = pytest.StashKey[dict[str, str]]()
"""The test of each clause that was collected, by the clause's id."""
FORESEEN = pytest.StashKey[dict[tuple[str, str], dict[str, Any]]]()
"""What breaks or changes on a later RabbitMQ, by the change and the role in which it was seen first."""
