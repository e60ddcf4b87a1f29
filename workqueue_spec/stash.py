"""What the parts of the plugin share through pytest's stash."""

import pytest

from .broker import Broker
from .run import Run
from .subject import Subject

RUN = pytest.StashKey[Run]()
BROKER = pytest.StashKey[Broker]()
SUBJECT = pytest.StashKey[Subject]()
