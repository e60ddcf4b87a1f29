"""The report as a file: written whole or not at all, and refused before the run if it cannot be written."""

import json
import os
import stat
from pathlib import Path

import pytest

from workqueue_spec.errors import SetupError
from workqueue_spec.report import file as report


def test_a_report_replaces_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    for number in (1, 2):
        report.check(file)
        report.write({"number": number}, file)
    assert json.loads(file.read_text()) == {"number": 2}
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize("name", ["", "no-such-folder/report.json"])
def test_a_report_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        SetupError, match=r"cannot be written; name a file in a folder that you can write to\.$"
    ):
        report.check(tmp_path / name)


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    report.check(pipe)
    report.write({}, pipe)
    assert os.read(reader, 100) == b"{}\n"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
