"""A tag is released only if it is the version and the changelog tells about it."""

import subprocess
import sys
import tomllib

import pytest

from workqueue_spec import ROOT

sys.path.insert(0, str(ROOT / ".ci"))
from release import notes

CHANGELOG = """\
# Changelog

## 0.2.0, unreleased

- To come.

## 0.1.1, 2026-12-24

## 0.1.0, 2026-12-01

- The first.
  - With more.

- And the last.
"""


def test_the_notes_are_the_versions_section() -> None:
    assert notes("v0.1.0", "0.1.0", CHANGELOG) == "- The first.\n  - With more.\n\n- And the last."


@pytest.mark.parametrize(
    ("tag", "version", "because"),
    [
        ("v0.1.1", "0.1.0", "the tag is 'v0.1.1', but the version in pyproject.toml is '0.1.0'"),
        ("0.1.0", "0.1.0", "the tag is '0.1.0', but the version in pyproject.toml is '0.1.0'"),
        ("v0.3.0", "0.3.0", "CHANGELOG.md has no section '## 0.3.0, YYYY-MM-DD'"),
        ("v0.2.0", "0.2.0", "CHANGELOG.md gives 'unreleased' as the date of 0.2.0; write YYYY-MM-DD"),
        ("v0.1.1", "0.1.1", "CHANGELOG.md does not say what is in 0.1.1"),
        ("v0.1", "0.1", "CHANGELOG.md has no section '## 0.1, YYYY-MM-DD'"),
    ],
)
def test_what_may_not_be_released(tag: str, version: str, because: str) -> None:
    with pytest.raises(SystemExit) as ended:
        notes(tag, version, CHANGELOG)
    assert ended.value.code == because


def test_another_tag_than_the_version_is_refused_by_the_script() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "release.py", "v99"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"the tag is 'v99', but the version in pyproject.toml is '{version}'\n"
