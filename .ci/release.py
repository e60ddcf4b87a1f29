#!/usr/bin/env python3
"""Checks that a tag may be released, and prints the release's notes.

Usage: .ci/release.py TAG

The tag is `v` and the version in pyproject.toml, and CHANGELOG.md has a section `## VERSION, YYYY-MM-DD`. The text
of this section is printed.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def notes(tag: str, version: str, changelog: str) -> str:
    """The text of the version's section. Exits with a sentence if the tag may not be released."""
    if tag != f"v{version}":
        sys.exit(f"the tag is {tag!r}, but the version in pyproject.toml is {version!r}")
    section = re.compile(rf"^## {re.escape(version)}, (.*)\n((?:(?!## ).*\n?)*)", re.MULTILINE)
    found = section.search(changelog)
    if found is None:
        sys.exit(f"CHANGELOG.md has no section '## {version}, YYYY-MM-DD'")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", found[1]):
        sys.exit(f"CHANGELOG.md gives {found[1]!r} as the date of {version}; write YYYY-MM-DD")
    if not (text := found[2].strip()):
        sys.exit(f"CHANGELOG.md does not say what is in {version}")
    return text


def main(tag: str) -> None:
    """Prints the notes of the release with this tag."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    sys.stdout.write(
        f"{notes(tag, project['version'], (ROOT / 'CHANGELOG.md').read_text(encoding='utf-8'))}\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
