"""Files that a user names are read if they are small and regular, and refused in words if they are not."""

import os
from pathlib import Path

import pytest

from workqueue_spec.programs.profile import Profile
from workqueue_spec.programs.reading import LARGEST, text_of


def test_a_small_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "profile.toml").write_text("name = 'x'")
    assert text_of(tmp_path / "profile.toml") == "name = 'x'"


def test_what_never_ends_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(bytes(LARGEST + 1))
    for file, why in [
        (Path("/dev/zero"), "it is no regular file"),
        (tmp_path / "pipe", "it is no regular file"),
        (tmp_path, "it is a folder"),
        (tmp_path / "large", "it is larger than 1000000 bytes"),
        (tmp_path / "none", "No such file or directory"),
    ]:
        with pytest.raises(OSError) as refused:  # noqa: PT011 - its reason is compared below
            text_of(file)
        assert refused.value.strerror == why
        assert Profile(file).mistakes == [f"Cannot read the profile {file}: {why}."]


def test_a_profile_that_is_nested_without_end_is_one_mistake(tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    file.write_text(f"x = {'[' * 5000}{']' * 5000}")
    (mistake,) = Profile(file).mistakes
    assert mistake == f"The profile {file} holds lists in lists too deeply; no key needs that."
