"""What the parts of the plugin share through pytest's stash."""

import pytest

from ..bench.bench import Bench
from ..broker import Broker
from ..broker.run import Run
from ..programs.subject import Subject

RUN = pytest.StashKey[Run]()
PART = pytest.StashKey[str]()
"""The name of this process's part in the run, where another process began the run and will end it."""
BROKER = pytest.StashKey[Broker]()
SUBJECT = pytest.StashKey[Subject]()
BENCHES = pytest.StashKey[list[Bench]]()
"""Those in use, a chapter's own among them: what they saw is the evidence."""
