"""The report as a file: whole or not at all, and refused before the run where it cannot be written."""

import json
import os
import stat
from pathlib import Path

import pytest

from workqueue_spec.errors import SetupError
from workqueue_spec.report import file as report


def test_it_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    for number in (1, 2):
        report.check(file)
        report.write({"number": number}, file)
    assert json.loads(file.read_text()) == {"number": 2}
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize("name", ["", "no-such-folder/report.json"])
def test_what_cannot_be_written_is_said_beforehand(tmp_path: Path, name: str) -> None:
    with pytest.raises(SetupError, match=r"cannot be written; name a file in a folder of yours\.$"):
        report.check(tmp_path / name)


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    report.check(pipe)
    report.write({}, pipe)
    assert os.read(reader, 100) == b"{}\n"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
