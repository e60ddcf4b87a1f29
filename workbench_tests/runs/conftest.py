"""Where runs of the suite may leave something."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .whole_runs import marked


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder for temporary files of the runs' own, so that what is left of them is known to be theirs."""
    yield tmp_path
    for process in marked(tmp_path):
        process.kill()
