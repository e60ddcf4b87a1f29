"""`--write-known-failures`: the list is checked before the run, and written after it."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from ..errors import SetupError
from ..programs.profile import read_known_failures
from ..programs.reading import text_of
from ..report import file as report_file
from ..report import known_failures
from ..specification.outcomes import Result
from . import asked
from .stash import SUBJECT


def check(config: pytest.Config) -> None:
    """Raises SetupError if the list cannot be written, or if the file is there and is not ours."""
    file: Path | None = config.option.write_known_failures
    report_file.check(file, "list of known failures")
    if file is not None:
        _before(file)


def write(config: pytest.Config, results: Sequence[Result], holds: Collection[str], day: str) -> str:
    """Writes the list, or brings it up to date, and returns a sentence that says so. `holds` names the clauses that
    the run has shown to hold.
    """
    file: Path = config.option.write_known_failures
    subject = config.stash[SUBJECT]
    before = {
        id_: reason
        for id_, reason in {**_before(file), **subject.known_failures}.items()
        if id_ not in subject.not_asked
    }
    reasons = known_failures.updated(results, before, holds)
    report_file.write_text(known_failures.text(reasons, day=day, description=asked.description(config)), file)
    clauses = "1 clause" if len(reasons) == 1 else f"{len(reasons)} clauses"
    return f"wrote {clauses} to {file}; to judge with this list: --known-failures {file}"


def _before(file: Path) -> dict[str, str]:
    """The list that is in the file, if there is a file. Raises SetupError if it is not ours, or cannot be read."""
    if not file.is_file():
        return {}
    try:
        ours = text_of(file).startswith(known_failures.MARK)
    except (OSError, UnicodeDecodeError):
        ours = False
    if not ours:
        raise SetupError(
            f"{file} was not written by --write-known-failures, so it is not overwritten; name another file."
        )
    return read_known_failures(file)
