"""The folder in which runs of the suite put their temporary files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .whole_runs import run_processes


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for the temporary files of the runs of one test. What is left in it was left by these runs."""
    yield tmp_path
    for process in run_processes(tmp_path):
        process.kill()
