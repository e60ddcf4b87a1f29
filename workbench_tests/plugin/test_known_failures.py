"""`--write-known-failures` and the file that is there already."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workqueue_spec.errors import SetupError
from workqueue_spec.plugin import known_failures
from workqueue_spec.report.known_failures import MARK


def check(file: Path | None) -> None:
    config: Any = SimpleNamespace(option=SimpleNamespace(write_known_failures=file))
    known_failures.check(config)


def test_a_new_file_and_a_list_of_ours_are_taken(tmp_path: Path) -> None:
    check(None)
    file = tmp_path / "known.toml"
    check(file)
    file.write_text(f'{MARK}, 2026-01-01: x.\n[known_failures]\nW07 = "a link"\n')
    check(file)


@pytest.mark.parametrize("content", [b'[known_failures]\nW07 = "x"\n', b'name = "a profile"\n', b"", b"\xff"])
def test_a_file_that_is_not_ours_is_not_overwritten(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "known.toml"
    file.write_bytes(content)
    with pytest.raises(
        SetupError, match="was not written by --write-known-failures, so it is not overwritten"
    ):
        check(file)


def test_a_list_with_a_mistake_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(f"{MARK}, 2026-01-01: x.\n[known_failures]\nW07 = 1\n")
    with pytest.raises(SetupError, match="known_failures W07 must be a text"):
        check(file)


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"The list of known failures .* cannot be written"):
        check(tmp_path / "no-such-folder" / "known.toml")
