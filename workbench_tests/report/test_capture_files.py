"""The folder and the files of --pcap."""

import os
from pathlib import Path

import pytest

from workqueue_spec.errors import SetupError
from workqueue_spec.report.capture_files import capture_file, made_folder


def test_the_folder_is_made(tmp_path: Path) -> None:
    assert made_folder(tmp_path / "a" / "b").is_dir()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match=r"--pcap .*file cannot be made \(File exists\); name a folder\."):
        made_folder(tmp_path / "file")


def test_the_folder_must_be_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(SetupError, match="cannot be written to; name a folder that you can write to"):
        made_folder(tmp_path)


def test_a_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "seen.pcapng").mkdir()
    with (
        pytest.raises(SetupError, match=r"seen\.pcapng cannot be written \("),
        capture_file(tmp_path / "seen.pcapng"),
    ):
        pass


def test_a_file_that_is_not_whole_is_told_in_the_end(tmp_path: Path) -> None:
    file = tmp_path / "seen.pcapng"
    with (
        pytest.raises(SetupError, match=r"seen\.pcapng is not whole \(No space left\)\."),
        capture_file(file) as made,
    ):
        made.failure = "No space left"
